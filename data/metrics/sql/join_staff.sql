-- The employee of the part, offer or recovery.
left join employee as staff
    on staff.employee_id::varchar = fact.employee
