-- What automation says. The chat itself stays as it is: the client still waits for a person.
insert into message (message_id, chat_id, kind, ours, author, text, sent_at, stored_at, state, client_key)
values ($message_id::uuid, $chat_id::uuid, 'text', true, $actor, $text, $at, $at, 'queued', $client_key)
