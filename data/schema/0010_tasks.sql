-- Tasks with a reminder, and who did them; leads know who changed them last.
alter table task add column notes varchar;
alter table task add column remind_at timestamptz;  -- when the owner is told of it
alter table task add column done_by varchar;        -- login name
alter table task add column changed_at timestamptz;
alter table task add column changed_by varchar;

alter table lead add column changed_by varchar;     -- login name
