delete from call_tag
where call_id in (select alias from moved_call);
