delete from saved_view
where view_id = $view_id
    and owner = $owner
