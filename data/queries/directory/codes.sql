-- Queues, ring groups, lines and channels with their titles: one row each.
select 'queue' as kind, queue as code, pbx, extension, title, source from queue
union all
select 'ring_group', ring_group, pbx, null, title, source from ring_group
union all
select 'line', line, pbx, null, title, source from line
union all
select 'channel', did, null, null, title, source from acquisition_channel
order by kind, code, pbx
