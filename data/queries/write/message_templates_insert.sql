-- rows: a JSON list.
insert into message_template (
    messenger_account, name, language, state, category, body, variables, config, synced_at
)
select
    $account,
    one.name,
    one.language,
    one.state,
    one.category,
    one.body,
    one.variables,
    one.config,
    $at
from (
    select unnest(
        from_json(
            $rows,
            '[{"name": "VARCHAR", "language": "VARCHAR", "state": "VARCHAR", "category": "VARCHAR",
               "body": "VARCHAR", "variables": "INTEGER", "config": "VARCHAR"}]'
        )
    ) as one
)
