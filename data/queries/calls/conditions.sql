-- Conditions of the journal over `call`, one per filter; those in use are joined by "and".

-- name: not_internal
call.direction != 'internal'

-- name: inbound
call.direction = 'inbound'

-- name: outbound
call.direction = 'outbound'

-- name: internal
call.direction = 'internal'

-- name: missed
(call.direction = 'inbound' and call.outcome = 'missed')

-- name: from_at
call.started_at >= $from_at

-- name: until_at
call.started_at < $until_at

-- name: pinned
(call.ended_at <= $pinned_at and call.started_at <= $pinned_at)

-- name: window_from
call.started_at >= $window_from

-- name: window_until
call.started_at < $window_until

-- name: after_newest
(call.started_at <= $after_at and (call.started_at < $after_at or call.call_id < $after_id))

-- name: after_oldest
(call.started_at >= $after_at and (call.started_at > $after_at or call.call_id > $after_id))

-- name: after_descending
(
    |key| < $after_key
    or (
        |key| = $after_key
        and (call.started_at < $after_at or (call.started_at = $after_at and call.call_id < $after_id))
    )
)

-- name: after_ascending
(
    |key| > $after_key
    or (
        |key| = $after_key
        and (call.started_at > $after_at or (call.started_at = $after_at and call.call_id > $after_id))
    )
)

-- name: hours
list_contains($hours, |local_hour|)

-- name: weekdays
list_contains($weekdays, (|local_day| + 3) % 7 + 1)

-- name: took_part
(
    list_has_any(call.employees, $own)
    or list_has_any(call.rang, $own)
    or call.call_id in (
        select leg.call_id
        from leg
        where leg.role != 'observer'
            and (list_contains($own, leg.party) or list_contains($own, leg.caller))
            and ($took_part_from::timestamptz is null or leg.started_at >= $took_part_from)
    )
)

-- name: employees
(
    list_has_any(call.employees, (select coalesce(list(extension), []) from extension where list_contains($employees, employee_id::varchar)))
    or list_has_any(call.rang, (select coalesce(list(extension), []) from extension where list_contains($employees, employee_id::varchar)))
)

-- name: extensions
(list_has_any(call.employees, $extensions) or list_has_any(call.rang, $extensions))

-- name: queues
list_has_any(call.queues, $queues)

-- name: lines
list_contains($lines, call.line)

-- name: dids
list_contains($dids, call.did)

-- name: channels
call.did in (select did from acquisition_channel where list_contains($channels, title))

-- name: with_recording
call.recording_count > 0

-- name: without_recording
call.recording_count = 0

-- name: with_comment
call.call_id in (select subject_id from comment where subject_kind = 'call' and text != '')

-- name: without_comment
call.call_id not in (select subject_id from comment where subject_kind = 'call' and text != '')

-- name: tags
call.call_id in (
    select call_id
    from call_tag
    where tag_id in (select tag_id from tag where list_contains($tags, tag_id::varchar))
)

-- name: talk_longer_s
call.talk_s > $talk_longer_s

-- name: wait_longer_s
call.wait_s > $wait_longer_s

-- name: number_classes
(
    call.external_number in (select number from number where list_contains($number_classes, number_class))
    or (list_contains($number_classes, 'hidden') and call.external_number is null and call.direction != 'internal')
)

-- name: countries
call.external_number in (select number from number where list_contains($countries, country))

-- name: regions
call.external_number in (select number from number where list_contains($regions, region))

-- name: reasons
list_contains($reasons, call.reason)

-- name: outcomes
list_contains($outcomes, call.outcome)

-- name: call_ids
call.call_id in (select unnest($call_ids))

-- name: number_of_time
-- A condition on assignments, not on calls.
number in (select call.external_number from call where |time|)

-- name: starts
-- Each moment by itself: only such a list is compared before the other columns of a call are read.
call.started_at in (|starts|)

-- name: number
call.external_number = $number

-- name: account
(
    owner.account_id in (
        with recursive card as (
            select $account_id::uuid as account_id
            union
            select account_merge.kept_id as account_id
            from account_merge
            inner join card on card.account_id = account_merge.gone_id
            where account_merge.undone_at is null
        )

        select account_id
        from card
    )
    and call.external_number in (
        with recursive card as (
            select $account_id::uuid as account_id
            union
            select account_merge.kept_id as account_id
            from account_merge
            inner join card on card.account_id = account_merge.gone_id
            where account_merge.undone_at is null
        )

        select number
        from phone_assignment
        where account_id in (select account_id from card)
    )
)

-- name: unregistered
(call.direction != 'internal' and owner.number is null)

-- name: attention
call.call_id in (select call_id from attention)

-- name: search_client
found_client.number is not null

-- name: search_number
(contains(call.external_number, $number_part) or starts_with(call.external_number, $number_start))

-- name: search_employee
list_has_any(
    call.employees,
    (
        select coalesce(list(extension.extension), [])
        from extension
        inner join employee using (employee_id)
        where contains(replace(lower(employee.name), 'ё', 'е'), $words)
    )
)

-- name: search_extension
list_contains(call.employees, $extension)
