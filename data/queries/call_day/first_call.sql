select min(started_at) as first_at
from call;
