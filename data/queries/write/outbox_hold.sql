-- Whoever took these orders is still at them.
update outbox
set changed_at = $changed_at
where outbox_id in (select unnest($outbox_ids)::uuid)
    and state = 'sent'
