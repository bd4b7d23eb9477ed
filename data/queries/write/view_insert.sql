insert into saved_view (view_id, page, title, query, owner, shared, created_at)
values ($view_id, $page, $title, $query, $owner, $shared, $at)
