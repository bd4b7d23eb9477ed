-- What is seen without the right to numbers: no number, no name of a client, no words, no event
-- fields. All columns stay, so that the same SQL works; what is withheld is null or a pseudonym.
-- Names of employees, queues and lines stay: they are the office's own, and reports group by them.
create schema masked;

-- A pseudonym: equal for equal numbers, and not to be computed without the salt. What has up to
-- five digits, stars and hashes is an extension or a service number of the office, and stays.
create macro secret.mask(value) as
    case
        when value is null or regexp_full_match(value, '[0-9*#]{1,5}') then value
        else 'x' || left(sha256(getvariable('salt') || value), 12)
    end;

create view masked.call as
select
    * replace (
        reader.secret.mask(external_number) as external_number,
        null::varchar as external_number_raw,
        reader.secret.mask(caller_number) as caller_number,
        null::varchar as caller_name,
        reader.secret.mask(called_number) as called_number,
        list_transform(answered_by, lambda party: reader.secret.mask(party)) as answered_by,
        list_transform(rang, lambda party: reader.secret.mask(party)) as rang,
        list_transform(employees, lambda party: reader.secret.mask(party)) as employees
    )
from reader."full".call;

-- Names of channels carry numbers ("Local/79161234567@out").
create view masked.leg as
select
    * replace (
        null::varchar as channel,
        case when caller = queue then caller else reader.secret.mask(caller) end as caller,
        reader.secret.mask(party) as party,
        null::varchar as device
    )
from reader."full".leg;

create view masked.offer as
select * replace (reader.secret.mask(extension) as extension)
from reader."full".offer;

create view masked.queue_visit as
select * replace (reader.secret.mask(answered_by) as answered_by)
from reader."full".queue_visit;

create view masked.transfer as
select
    * replace (
        reader.secret.mask(from_party) as from_party,
        reader.secret.mask(to_party) as to_party
    )
from reader."full".transfer;

create view masked.call_interval as
select
    * replace (
        reader.secret.mask(party) as party,
        reader.secret.mask(other) as other
    )
from reader."full".call_interval;

-- Names of files carry numbers, and the waveform is the voice's.
create view masked.recording as
select
    * replace (
        null::varchar as file,
        null::varchar as path,
        reader.secret.mask(party) as party,
        list_transform(heard, lambda party: reader.secret.mask(party)) as heard,
        null::blob as peaks
    )
from reader."full".recording;

create view masked.ami_event as
select * replace (map()::map(varchar, varchar) as fields)
from reader."full".ami_event;

create view masked.call_alias as from reader."full".call_alias;
create view masked.call_day as from reader."full".call_day;
create view masked.call_day_built as from reader."full".call_day_built;
create view masked.self_check as from reader."full".self_check;
create view masked.gap as from reader."full".gap;
create view masked.setting as from reader."full".setting;

create view masked.source_difference as
select
    * replace (
        case when field in ('external_number_raw', 'answered_by') then null else ours end as ours,
        case when field in ('external_number_raw', 'answered_by') then null else theirs end as theirs
    )
from reader."full".source_difference;

create view masked.agent_session as
select * replace (reader.secret.mask(party) as party)
from reader."full".agent_session;

create view masked.number as
select
    * replace (
        reader.secret.mask(number) as number,
        null::varchar as raw
    )
from reader."full".number;

create view masked.employee as
select * replace (null::varchar as email, null::varchar as external_id)
from reader."full".employee;

create view masked.extension as
select
    * replace (
        case when kind = 'mobile' then reader.secret.mask(extension) else extension end as extension,
        null::varchar as device
    )
from reader."full".extension;

create view masked.queue as from reader."full".queue;
create view masked.ring_group as from reader."full".ring_group;
create view masked.line as from reader."full".line;
create view masked.acquisition_channel as from reader."full".acquisition_channel;
create view masked.numbering_range as from reader."full".numbering_range;
create view masked.working_hours as from reader."full".working_hours;
create view masked.holiday as from reader."full".holiday;

create view masked.phone_assignment as
select * replace (reader.secret.mask(number) as number)
from reader."full".phone_assignment;

create view masked.number_owner as
select * replace (reader.secret.mask(number) as number)
from reader."full".number_owner;

create view masked.account as
select
    * replace (
        'Client ' || left(account_id::varchar, 8) as name,
        null::varchar as folded,
        []::varchar[] as emails,
        []::varchar[] as messengers,
        null::varchar as notes,
        null::varchar as external_id
    )
from reader."full".account;

create view masked.contact as
select
    * replace (
        'Person ' || left(contact_id::varchar, 8) as name,
        null::varchar as folded,
        []::varchar[] as emails,
        []::varchar[] as messengers,
        null::varchar as external_id
    )
from reader."full".contact;

create view masked.tag as from reader."full".tag;
create view masked.call_tag as from reader."full".call_tag;
create view masked.client_tag as from reader."full".client_tag;

create view masked.comment as
select * replace (null::varchar as text)
from reader."full".comment;

create view masked.comment_history as
select * replace (null::varchar as text)
from reader."full".comment_history;

create view masked.lead as
select
    * replace (
        reader.secret.mask(number) as number,
        null::varchar as name,
        null::varchar as comment,
        null::varchar as result
    )
from reader."full".lead;

create view masked.task as
select
    * replace (
        null::varchar as title,
        null::varchar as notes
    )
from reader."full".task;

create view masked.chat as
select
    * replace (
        null::varchar as user_key,
        null::varchar as title,
        reader.secret.mask(number) as number,
        null::varchar as last_text
    )
from reader."full".chat;

create view masked.chat_event as
select * replace (null::varchar as detail)
from reader."full".chat_event;

create view masked.chat_tag as from reader."full".chat_tag;

create view masked.message as
select
    * replace (
        null::varchar as messenger_message_id,
        case when ours then author end as author,
        case when ours then author_name end as author_name,
        null::varchar as text,
        null::varchar as media,
        null::varchar as error,
        null::varchar as payload,
        null::varchar as media_ref,
        null::varchar as media_name,
        null::varchar as change_text,
        null::varchar as change_error
    )
from reader."full".message;
