-- One row per PBX of which ingest has told: how its link stands, how long ago that was said, and how long the PBX
-- had been silent then, in seconds by the store's own clock.
select
    pbx,
    state,
    heard_ago_s,
    greatest(0, epoch(get_current_timestamp()) - epoch(told_at)) as age_s
from live.live_link
order by pbx
