-- What is compared with the inboxes of others counts by type.
alter table kit.disowned add column type text not null default '';
