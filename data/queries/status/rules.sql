-- What a call is as of $as_of: expressions over `call`, a row of the table, and `owner`, the row of
-- status/owner.sql to whom it belongs (null: to nobody). Words between bars stand for other rules.

-- name: registered_then
-- The number had a client when it rang.
coalesce(owner.from_at <= call.started_at, false)

-- name: missed
(call.direction = 'inbound' and call.outcome = 'missed')

-- name: lost
-- The horizon is over, and nobody talked with the number until then.
(
    |missed|
    and not |registered_then|
    and |horizon| < least(call.contact_after_at, $as_of + interval 1 microsecond)
)

-- name: status
case
    when call.outcome = 'answered' then 'accepted'
    when call.outcome = 'reached' then 'reached'
    when call.outcome = 'not_reached' then 'cancelled'
    when |lost| then 'lost'
    else 'no_answer'
end

-- name: lead
-- First contact ever of a number that was not registered.
(
    call.direction = 'inbound'
    and coalesce(call.first_of_number, false)
    and not |registered_then|
)

-- name: lead_state
-- What became of a lead; null: the call is none.
case
    when not |lead| then null
    when owner.account_id is not null then 'registered'
    when |lost| then 'lost'
    else 'unregistered'
end
