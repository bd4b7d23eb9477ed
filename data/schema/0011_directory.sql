-- The directory: who wrote each row last, and when the office is open.

-- pbx: learned, and learned anew; file: from an imported file; person: typed in, and kept. null: from before.
alter table employee add column source varchar;
alter table employee add column external_id varchar;
alter table extension add column source varchar;
alter table queue add column source varchar;
alter table ring_group add column source varchar;
alter table line add column source varchar;
alter table acquisition_channel add column source varchar;

-- One row per weekday on which the office's hours are not those of the settings.
create table working_hours (
    weekday integer not null,              -- 1: Monday
    opens varchar,                         -- local time, 09:00; null: closed all day
    closes varchar,                        -- local time; 00:00: midnight at the end of the day
    source varchar
);

-- One row per day with hours of its own.
create table holiday (
    on_date date not null,
    title varchar,
    opens varchar,                         -- local time; null: closed all day
    closes varchar,
    source varchar
);
