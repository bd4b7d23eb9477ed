-- Takes from a client all tags but those of these titles.
delete from client_tag
where account_id = $account_id::uuid
    and tag_id not in (
        select tag_id
        from tag
        where replace(lower(title), 'ё', 'е') in (
            select replace(lower(kept), 'ё', 'е')
            from (select unnest($titles::varchar[]) as kept)
        )
    )
