-- Numbers of the fresh calls that the table of numbers lacks. Grain: one row per number.
select
    number,
    any_value(raw) as raw
from fresh
anti join known using (number)
group by number;
