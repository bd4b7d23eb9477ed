-- One row per phone of the office whose state the PBX tells.
select
    pbx,
    extension,
    state,
    state_since_at
from live.live_phone
order by extension
