-- That a number is one of a few. As a list, so that the engine looks assignments up among these, instead of these
-- among all assignments.
number in (select unnest((select list(distinct number) from (|numbers|))))
