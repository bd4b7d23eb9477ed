-- Whose a number was, as known at $as_of: the rows of the view number_owner that were there then, and mobiles of
-- employees, which are registered too but no client's. Grain: one row per number and stretch of time; they never overlap.
select
    number,
    account_id,
    contact_id,
    from_at,
    case
        when row_number() over assignments = 1 then timestamptz '0001-01-01 00:00:00+00'
        else least(from_at, lag(until_at) over assignments)
    end as owns_from_at,
    least(
        until_at,
        lead(from_at) over assignments,
        timestamptz '9999-12-31 00:00:00+00'
    ) as owns_until_at
from (
    select
        number,
        account_id,
        contact_id,
        from_at,
        case when until_at <= $as_of then until_at end as until_at
    from phone_assignment
    where from_at <= $as_of
        and (|numbers|)
)
window assignments as (partition by number order by from_at, until_at)
union all
select
    number,
    null as account_id,
    null as contact_id,
    from_at,
    from_at as owns_from_at,
    until_at as owns_until_at
from (
    select
        extension as number,
        from_at,
        coalesce(until_at, timestamptz '9999-12-31 00:00:00+00') as until_at
    from extension
    where kind = 'mobile'
        and employee_id is not null
)
where from_at <= $as_of
    and (|numbers|)
    and number not in (
        select number
        from phone_assignment
        where from_at <= $as_of
            and number in (select extension from extension where kind = 'mobile')
    )
