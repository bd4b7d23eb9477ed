-- What other systems read and write: their own ids, and the order in which changes were stored.

-- The store sets the moment as it writes, one transaction after the other, so that who asks for everything
-- since the last answer misses nothing: the times that people's actions carry may be out of order.
alter table account add column stored_at timestamptz default get_current_timestamp();
alter table contact add column stored_at timestamptz default get_current_timestamp();
alter table contact add column external_id varchar; -- id in another system
alter table phone_assignment add column stored_at timestamptz default get_current_timestamp();
