-- The tags of the call: one row each.
left join call_tag
    on call_tag.call_id = fact.call_id
left join tag
    on tag.tag_id = call_tag.tag_id
