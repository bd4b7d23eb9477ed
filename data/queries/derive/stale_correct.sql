update call
set
    first_of_number = correction.first_of_number,
    contact_after_at = correction.contact_after_at
from correction
where call.rowid = correction.row;
