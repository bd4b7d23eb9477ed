-- The tags of the client to whom the number belongs: one row each.
left join client_tag
    on client_tag.account_id = owner.account_id
left join tag as client_label
    on client_label.tag_id = client_tag.tag_id
