-- How long a person decided to keep things: one row per class.
select
    class,
    days
from retention_rule
