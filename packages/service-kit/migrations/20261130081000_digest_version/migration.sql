-- By which version of the digest a repeat is judged. 1 is that of 0.1.0, which writes no version: its rows keep theirs.
alter table kit.inbox add column digest_version smallint not null default 1;
alter table kit.idempotency_keys add column digest_version smallint not null default 1;
