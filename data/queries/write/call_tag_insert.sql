-- Hangs the tags on the calls that do not carry them yet.
insert into call_tag (call_id, tag_id, tagged_at, tagged_by)
select wanted.call_id, tag.tag_id, $at, $actor
from (select unnest($call_ids::varchar[]) as call_id) as wanted
cross join tag
where list_contains($tag_ids::uuid[], tag.tag_id)
    and not exists (
        from call_tag
        where call_tag.call_id = wanted.call_id
            and call_tag.tag_id = tag.tag_id
    )
order by wanted.call_id
