-- What is told about messages: kept until the message itself is known, for words may come before it.

alter table message add column reaction varchar; -- the client's emoji on it

-- One row per receipt, edit, deletion or reaction that waits for its message.
create table message_change (
    messenger_account varchar not null,
    messenger_message_id varchar not null,
    message_id uuid,                       -- our own id, where the messenger tells it back
    kind varchar not null,                 -- receipt, edited, deleted, reaction
    happened_at timestamptz not null,
    state varchar,                         -- of a receipt: sent, delivered, read, failed
    error varchar,
    text varchar,                          -- the new text, or the emoji
    stored_at timestamptz not null
);
