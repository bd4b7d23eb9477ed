delete from outbox
where kind = $kind
    and state != 'queued'
    and changed_at < $before
