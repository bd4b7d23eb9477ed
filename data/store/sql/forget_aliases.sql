-- An alias that is given anew, or whose call is back with a row of its own, is no alias any more.
delete from call_alias
where list_contains($call_ids::varchar[], alias);
