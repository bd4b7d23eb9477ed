-- Nothing where the user has read further already.
insert into chat_seen (chat_id, login, seen_at)
select $chat_id::uuid, $login, $seen_at
where not exists (
    select 1
    from chat_seen
    where chat_id = $chat_id::uuid
        and login = $login
)
