-- Leads: first calls of numbers that were nobody's, as the report counts them, and those made by hand or from a
-- chat. Put behind the relations of the report (data/metrics/compiler.py). One row per lead.
-- Conditions that are null, or lists that are empty, let everything pass.
, worked as (
    select *
    from lead
    where call_id is not null
    qualify row_number() over (partition by call_id order by changed_at desc, lead_id) = 1
),

called as (
    select
        fact.call_id,
        null::uuid as chat_id,
        fact.external_number as number,
        fact.started_at as found_at,
        'call' as source,
        fact.outcome,
        coalesce(channel.title, fact.did) as channel,
        |lead_state| as fate,
        owner.account_id,
        worked.lead_id,
        worked.name,
        worked.responsible_id,
        coalesce(worked.state, 'new') as work,
        worked.comment,
        worked.result,
        worked.changed_at,
        coalesce(worked.version, 0) as version
    |facts|
    left join worked on worked.call_id = fact.call_id
    where |lead|
),

present_owner as (
    select
        number,
        any_value(account_id) as account_id
    from phone_assignment
    where from_at <= $as_of
        and (until_at is null or until_at > $as_of)
    group by number
),

other as (
    select
        lead.call_id,
        lead.chat_id,
        lead.number,
        lead.created_at as found_at,
        lead.source,
        null as outcome,
        null as channel,
        case
            when coalesce(lead.account_id, present_owner.account_id) is null then 'unregistered'
            else 'registered'
        end as fate,
        coalesce(lead.account_id, present_owner.account_id) as account_id,
        lead.lead_id,
        lead.name,
        lead.responsible_id,
        lead.state as work,
        lead.comment,
        lead.result,
        lead.changed_at,
        lead.version
    from lead
    left join present_owner on present_owner.number = lead.number
    where lead.call_id is null
        and lead.created_at >= $from_at
        and lead.created_at < $until_at
        and lead.created_at <= $as_of
        and ($every_row or lead.created_by = $user)
),

everything as (
    from called
    union all by name
    from other
),

found as (
    select
        everything.*,
        account.name as client,
        employee.name as responsible
    from everything
    left join account on account.account_id = everything.account_id
    left join employee on employee.employee_id = everything.responsible_id
    where (len($fates) = 0 or list_contains($fates, fate))
        and (len($works) = 0 or list_contains($works, work))
        and (len($results) = 0 or list_contains($results, coalesce(result, 'none')))
        and (len($sources) = 0 or list_contains($sources, everything.source))
        and (len($channels) = 0 or list_contains($channels, channel))
        and (len($responsible) = 0 or list_contains($responsible, coalesce(everything.responsible_id::varchar, 'none')))
        and (
            $words is null
            or contains(replace(lower(coalesce(everything.name, '')), 'ё', 'е'), $words)
            or contains(replace(lower(coalesce(account.name, '')), 'ё', 'е'), $words)
            or contains(replace(lower(coalesce(everything.comment, '')), 'ё', 'е'), $words)
            or coalesce(contains(everything.number, $number_part), false)
            or coalesce(starts_with(everything.number, $number_start), false)
        )
)
