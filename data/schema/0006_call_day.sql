-- The daily rollup: what reports over months and years read instead of millions of calls.

-- One row per local day and combination of the first nine columns. Derived from call and number.
create table call_day (
    day date not null,                     -- local day of the site on which the calls began
    direction varchar not null,
    outcome varchar not null,
    reason varchar,
    queue varchar,                         -- the first queue
    number_class varchar,                  -- of the outside number
    is_abandoned boolean not null,         -- missed, though it had reached a queue or a phone
    is_in_time boolean,                    -- waited no longer than the usual target; null: wait unknown
    is_short boolean,                      -- gave up sooner than the usual short wait
    calls integer not null,
    talk_s double not null,                -- sums
    hold_s double not null,
    wait_s double,
    waits integer not null                 -- calls whose wait is known
);

-- One row per stretch of days that call_day holds as it should: a day, or all time before the first call.
-- A write of calls takes the days that it touches out, and the store builds them anew when it is idle.
create table call_day_built (
    from_on date not null,
    to_on date not null,                -- the day after the last
    made_by varchar not null,              -- fingerprint of the rules and the time zone
    built_at timestamptz not null
);
