-- A block of the journal: the calls that pass the filters, in order, each with what is shown of it.
-- One row per call. The limit is taken before anything is joined that the filters do not need.
with
|with|
page as (
    select
        call.call_id,
        call.pbx,
        call.direction,
        call.outcome,
        call.reason,
        call.external_number,
        call.did,
        call.line,
        call.caller_name,
        call.employees,
        call.answered_by,
        call.application,
        call.queue,
        call.ring_group,
        call.started_at,
        call.answered_at,
        call.ended_at,
        call.wait_s,
        call.talk_s,
        call.hold_s,
        call.duration_s,
        call.transfer_count,
        call.recording_count,
        call.incomplete,
        call.conference,
        call.first_of_number,
        call.contact_after_at,
        |key| as sort_key
    from call
    |joins|
    where |where|
    order by |order|
    limit $limit
    offset $offset
),

-- What was written about a call, and the latest call of its number, are no earlier than the call; a day
-- is left for clocks that disagree. A time is compared quicker than a text, so that of the tables below
-- most is passed over where the page is new.
page_begin as (
    select min(started_at) - to_days(1) as since_at
    from page
),

page_owner as (
    |page_owner|
),

-- A left join would hash these tables whole; so it meets the few rows that are needed.
page_number as (
    select
        number,
        number_class,
        country,
        region
    from number
    where last_call_at >= |since|
        and number in (select external_number from page)
),

page_account as (
    select
        account_id,
        name
    from account
    where account_id in (select account_id from page_owner)
),

page_contact as (
    select
        contact_id,
        name
    from contact
    where contact_id in (select contact_id from page_owner)
    union all
    select
        contact_id,
        name
    from contact_gone
    where contact_id in (select contact_id from page_owner)
),

note as (
    select
        subject_id as call_id,
        text,
        version
    from comment
    where subject_kind = 'call'
        and written_at >= |since|
        and subject_id in (select call_id from page)
),

page_tag as (
    select
        call_tag.call_id,
        list(
            {
                tag_id: tag.tag_id::varchar,
                title: tag.title,
                colour: tag.colour
            }
            order by lower(tag.title)
        ) as tags
    from call_tag
    inner join tag on tag.tag_id = call_tag.tag_id
    where call_tag.call_id in (select call_id from page)
        and call_tag.tagged_at >= |since|
    group by call_tag.call_id
)

select
    call.call_id,
    call.pbx,
    call.direction,
    call.outcome,
    |status| as status,
    call.reason,
    |lead| as lead,
    owner.number is not null as registered,
    |registered_then| as registered_then,
    |missed| as missed,
    call.started_at,
    call.answered_at,
    call.ended_at,
    call.wait_s,
    call.talk_s,
    call.hold_s,
    call.duration_s,
    owner.account_id::varchar as account_id,
    account.name as client,
    owner.contact_id::varchar as contact_id,
    contact.name as contact,
    call.external_number as number,
    case
        when call.direction = 'internal' then null
        when call.external_number is null then 'hidden'
        else number.number_class
    end as number_class,
    number.country,
    number.region,
    call.caller_name,
    call.employees,
    call.answered_by,
    call.application,
    nullif(note.text, '') as comment,
    coalesce(note.version, 0) as comment_version,
    page_tag.tags,
    call.queue,
    call.ring_group,
    call.line,
    call.did,
    call.transfer_count,
    call.recording_count,
    call.incomplete,
    call.conference,
    call.contact_after_at,
    call.sort_key
from page as call
left join page_owner as owner
    on owner.number = call.external_number
    and owner.owns_from_at <= call.started_at
    and owner.owns_until_at > call.started_at
left join page_account as account on account.account_id = owner.account_id
left join page_contact as contact on contact.contact_id = owner.contact_id
left join page_number as number on number.number = call.external_number
left join note on note.call_id = call.call_id
left join page_tag on page_tag.call_id = call.call_id
order by |page_order|
