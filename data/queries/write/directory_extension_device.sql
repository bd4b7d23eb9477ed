update extension
set device = $device
where extension = $extension
    and pbx is not distinct from $pbx
    and until_at is null
    and kind = 'phone'
