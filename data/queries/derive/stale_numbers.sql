-- What the calls say of the stale numbers, after the calls were corrected. One row per number.
create or replace temp table corrected_number as
select
    number.number,
    any_value(number.raw) as raw,
    any_value(number.number_class) as number_class,
    any_value(number.country) as country,
    any_value(number.region) as region,
    any_value(number.operator) as operator,
    any_value(number.rule_version) as rule_version,
    any_value(call.call_id) filter (where call.first_of_number) as first_call_id,
    min(call.started_at) as first_call_at,
    max(call.started_at) as last_call_at,
    max(coalesce(call.answered_at, call.started_at)) filter (
        where call.outcome in ('answered', 'reached')
    ) as last_contact_at,
    min(call.started_at) filter (
        where call.direction = 'inbound' and call.outcome = 'missed' and call.contact_after_at is null
    ) as open_since_at
from number
left join call on call.external_number = number.number
where number.number in (select number from stale)
group by number.number;
