-- The rows that belong to an analyst's scope, with all columns. One view per readable table.
create schema "full";

create view "full".call as
select *
from calls.main.call
where coalesce(getvariable('every_row'), false)
    or list_has_any(employees, getvariable('extensions'))
    or list_has_any(answered_by, getvariable('extensions'))
    or list_has_any(rang, getvariable('extensions'));

create view "full".leg as
from calls.main.leg
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".offer as
from calls.main.offer
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".queue_visit as
from calls.main.queue_visit
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".transfer as
from calls.main.transfer
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".call_interval as
from calls.main.call_interval
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".recording as
from calls.main.recording
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".ami_event as
from calls.main.ami_event
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".call_alias as
from calls.main.call_alias
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".number as
from calls.main.number
where coalesce(getvariable('every_row'), false)
    or number in (select external_number from reader."full".call);

create view "full".agent_session as
from calls.main.agent_session
where coalesce(getvariable('every_row'), false)
    or list_contains(getvariable('extensions'), party);

create view "full".source_difference as
from calls.main.source_difference
where coalesce(getvariable('every_row'), false);

-- Sums over all calls are for who may see all of them; others count theirs one by one.
create view "full".call_day as
from calls.main.call_day
where coalesce(getvariable('every_row'), false);

create view "full".call_day_built as
from calls.main.call_day_built
where coalesce(getvariable('every_row'), false);

create view "full".self_check as from calls.main.self_check;
create view "full".gap as from calls.main.gap;
-- Numbers rest on some of them (the target of the service level); no secret is among them.
create view "full".setting as from calls.main.setting;
create view "full".employee as from calls.main.employee;
create view "full".extension as from calls.main.extension;
create view "full".queue as from calls.main.queue;
create view "full".ring_group as from calls.main.ring_group;
create view "full".line as from calls.main.line;
create view "full".acquisition_channel as from calls.main.acquisition_channel;
create view "full".numbering_range as from calls.main.numbering_range;
create view "full".working_hours as from calls.main.working_hours;
create view "full".holiday as from calls.main.holiday;

-- What belongs to clients rather than to calls: all of it, or nothing.
create view "full".phone_assignment as
from calls.main.phone_assignment
where coalesce(getvariable('every_row'), false)
    or number in (select external_number from reader."full".call);

create view "full".number_owner as
from calls.main.number_owner
where coalesce(getvariable('every_row'), false)
    or number in (select external_number from reader."full".call);

create view "full".account as
from calls.main.account
where coalesce(getvariable('every_row'), false)
    or account_id in (select account_id from reader."full".phone_assignment);

create view "full".contact as
from calls.main.contact
where coalesce(getvariable('every_row'), false)
    or account_id in (select account_id from reader."full".phone_assignment);

create view "full".tag as from calls.main.tag;

create view "full".call_tag as
from calls.main.call_tag
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".client_tag as
from calls.main.client_tag
where coalesce(getvariable('every_row'), false)
    or account_id in (select account_id from reader."full".phone_assignment);

create view "full".comment as
from calls.main.comment
where coalesce(getvariable('every_row'), false)
    or (subject_kind = 'call' and subject_id in (select call_id from reader."full".call));

create view "full".comment_history as
from calls.main.comment_history
where comment_id in (select comment_id from reader."full".comment);

create view "full".lead as
from calls.main.lead
where coalesce(getvariable('every_row'), false)
    or call_id in (select call_id from reader."full".call);

create view "full".task as from calls.main.task where coalesce(getvariable('every_row'), false);
create view "full".chat as from calls.main.chat where coalesce(getvariable('every_row'), false);
create view "full".message as from calls.main.message where coalesce(getvariable('every_row'), false);
create view "full".chat_event as from calls.main.chat_event where coalesce(getvariable('every_row'), false);
create view "full".chat_tag as from calls.main.chat_tag where coalesce(getvariable('every_row'), false);
