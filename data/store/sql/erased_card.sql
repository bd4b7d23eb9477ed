-- His cards: accounts and contact persons.
create or replace temp table erased_card as
select 'account' as kind, unnest($accounts::varchar[]) as id
union all
select 'contact', unnest($contacts::varchar[])
