-- Whose a number was, as known at $as_of: the rows of the view number_owner that were there then.
-- Grain: one row per number and stretch of time; they never overlap.
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
