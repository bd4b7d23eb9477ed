-- His calls: those with his numbers.
create or replace temp table erased_call as
select
    call.call_id,
    any_value(erased_number.pseudonym) as pseudonym
from call
inner join erased_number on erased_number.number = call.external_number
group by call.call_id
