-- What we want of a message of ours that was sent: other words, or that it is deleted at the messenger too. Empty once
-- it is done; with an error where the messenger refused, and the message stands as it stood.
alter table message add column change_kind varchar; -- edit, delete
alter table message add column change_text varchar; -- the new words
alter table message add column change_error varchar; -- null: on its way
