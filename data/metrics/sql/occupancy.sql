-- One row per employee with login data: seconds talked in calls of the period, and seconds logged in and not
-- paused. An agent of several queues is there once: stretches of all queues are merged before they are summed.
with session as (
    select
        coalesce(extension.employee_id::varchar, agent.party) as employee,
        agent.kind,
        greatest(agent.started_at, $from_at) as begins_at,
        least(coalesce(agent.ended_at, $as_of), $until_at, $as_of) as ends_at
    from agent_session as agent
    left join extension
        on extension.extension = agent.party
        and (extension.pbx is null or extension.pbx = agent.pbx)
        and extension.from_at <= agent.started_at
        and (extension.until_at is null or extension.until_at > agent.started_at)
    where agent.started_at < $until_at
        and coalesce(agent.ended_at, $as_of) > $from_at
),
change as (
    select employee, kind, begins_at as happened_at, 1 as step from session where ends_at > begins_at
    union all
    select employee, kind, ends_at, -1 from session where ends_at > begins_at
),
level as (
    select
        employee,
        happened_at,
        lead(happened_at) over later as until_at,
        sum(sum(step) filter (where kind = 'login')) over later as logins,
        sum(sum(step) filter (where kind = 'pause')) over later as pauses
    from change
    group by employee, happened_at
    window later as (partition by employee order by happened_at)
)
select
    employee,
    sum(epoch(until_at) - epoch(happened_at)) filter (where logins > 0) as logged_in_s,
    sum(epoch(until_at) - epoch(happened_at)) filter (where logins > 0 and pauses > 0) as paused_s
from level
where until_at is not null
group by employee
order by employee
