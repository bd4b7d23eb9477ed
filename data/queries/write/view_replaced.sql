-- A view of the same name is saved over.
delete from saved_view
where page = $page
    and owner = $owner
    and title = $title
