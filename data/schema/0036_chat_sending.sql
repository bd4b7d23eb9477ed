-- What is in doubt about messages on their way out.

-- True where the last attempt may have arrived: its answer was lost, so what the messenger tells is waited for.
alter table outbox add column in_doubt boolean;
-- Ids at the messenger of attempts that failed: what is still told of them no longer concerns the message.
alter table message add column former_ids varchar[];
