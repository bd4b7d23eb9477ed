-- His calls stay as facts under the pseudonym of his number.
update call
set
    external_number = erased_call.pseudonym,
    external_number_raw = null,
    caller_name = null,
    caller_number = case when direction = 'inbound' then erased_call.pseudonym else caller_number end,
    called_number = case when direction = 'outbound' then erased_call.pseudonym else called_number end
from erased_call
where call.call_id = erased_call.call_id
