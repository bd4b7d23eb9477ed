alter table account alter column folded set not null;
alter table contact alter column folded set not null;
