-- One row per call.
select *
from chosen
