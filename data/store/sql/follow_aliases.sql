-- Aliases of a call that was merged away itself lead to the survivor.
update call_alias
set call_id = incoming.call_id
from incoming
where call_alias.call_id = incoming.alias;
