-- Tags of a call that was merged away hang on the call that took it over, each once.
insert into call_tag
select
    moved_call.call_id,
    moved.tag_id,
    min(moved.tagged_at),
    arg_min(moved.tagged_by, moved.tagged_at)
from call_tag as moved
join moved_call on moved_call.alias = moved.call_id
where not exists (
    from call_tag as kept
    where kept.call_id = moved_call.call_id
        and kept.tag_id = moved.tag_id
)
group by moved_call.call_id, moved.tag_id;
