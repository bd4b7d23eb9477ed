-- The PBXs whose user has not the right $right: one row each.
select pbx
from live.live_link
where list_contains(lacks, $right)
