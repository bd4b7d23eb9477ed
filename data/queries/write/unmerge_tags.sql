-- Tags that came with the other card leave again; that card never lost them.
delete from client_tag
where account_id = (select kept_id from account_merge where merge_id = $merge_id::uuid)
    and tag_id in (select unnest(tag_ids) from account_merge where merge_id = $merge_id::uuid)
