-- What other systems read and write: their own ids. (Since when a row is as it is tells `stored_at`: the store
-- sets it as it writes, one transaction after the other, so that who asks for everything since the last
-- answer misses nothing; the times that people's actions carry may be out of order.)
alter table contact add column external_id varchar; -- id in another system
