-- Tags: one vocabulary of the office, hung on calls and on clients by people.

-- One row per tag.
create table tag (
    tag_id uuid not null,
    title varchar not null,                -- one of a kind, whatever its capitals
    colour varchar not null default 'grey', -- grey, blue, green, amber, red, violet
    created_at timestamptz not null,
    created_by varchar not null,
    version integer not null default 1
);

-- One row per tag that hangs on a call now.
create table call_tag (
    call_id varchar not null,
    tag_id uuid not null,
    tagged_at timestamptz not null,
    tagged_by varchar not null
);

-- One row per tag that hangs on a client now.
create table client_tag (
    account_id uuid not null,
    tag_id uuid not null,
    tagged_at timestamptz not null,
    tagged_by varchar not null
);

-- The words that stood on cards of clients until now become tags.
insert into tag (tag_id, title, created_at, created_by)
select
    uuid(),
    arg_min(title, (changed_at, title)),
    min(changed_at),
    arg_min(changed_by, (changed_at, title))
from (
    select trim(unnest(tags)) as title, changed_at, changed_by
    from account
)
where title != ''
group by replace(lower(title), 'ё', 'е');

insert into client_tag (account_id, tag_id, tagged_at, tagged_by)
select
    word.account_id,
    tag.tag_id,
    any_value(word.changed_at),
    any_value(word.changed_by)
from (
    select account_id, trim(unnest(tags)) as title, changed_at, changed_by
    from account
) as word
inner join tag on replace(lower(tag.title), 'ё', 'е') = replace(lower(word.title), 'ё', 'е')
group by word.account_id, tag.tag_id;

alter table account drop column tags;
