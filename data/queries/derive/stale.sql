-- Numbers that lost a call, or whose call is not what it was: they are derived anew from all their
-- calls. A call that was replaced by its equal does not matter. Grain: one row per number.
create or replace temp table stale as
select distinct number
from (
    select call_id, number, started_at, talked_at, is_missed
    from forgotten
    except
    select call_id, number, started_at, talked_at, is_missed
    from fresh
);
