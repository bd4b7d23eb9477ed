-- Names of queue members with their extensions: as the PBX told them last, else as people wrote them.
with
named as (
    select
        member_name as name,
        party as extension,
        1 as worth,
        started_at as told_at
    from agent_session
    where pbx = $pbx
        and member_name is not null
        and len(events) > 0
    union all
    select
        employee.name,
        extension.extension,
        0,
        extension.from_at
    from extension
    inner join employee using (employee_id)
    where (extension.pbx is null or extension.pbx = $pbx)
        and extension.until_at is null
        and extension.kind = 'phone'
)
select
    name,
    arg_max(extension, (worth, told_at)) as extension
from named
group by name
