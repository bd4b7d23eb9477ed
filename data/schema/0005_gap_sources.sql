-- A gap tells from what it was filled: the queue's log alone knows only a part of what happened.

alter table gap add column filled_from varchar[]; -- sources that cover it whole, in the order of their imports
