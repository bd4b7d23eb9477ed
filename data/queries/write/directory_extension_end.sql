-- From this moment on the extension is nobody's, or another's.
update extension
set until_at = $at
where extension = $extension
    and pbx is not distinct from $pbx
    and until_at is null
    and kind in ('phone', 'mobile')
