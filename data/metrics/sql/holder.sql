-- Whose an extension was, and when, in a form that joins by comparisons alone: a condition with "or" or "is null"
-- would be tried for every pair of rows.
select
    extension,
    coalesce(pbx, '') as pbx_from,
    coalesce(pbx, chr(1114111)) as pbx_to,
    from_at,
    coalesce(until_at, timestamptz 'infinity') as until_at,
    employee_id::varchar as employee
from extension
