-- Numbers of all calls that the table of numbers lacks. Grain: one row per number.
select
    call.external_number as number,
    any_value(call.external_number_raw) as raw
from call
anti join number on number.number = call.external_number
where call.external_number is not null
group by call.external_number;
