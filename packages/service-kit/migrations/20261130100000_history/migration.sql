-- A writer whose database fell back gives sequences a second time. The first of them that this reader had taken already, with
-- another event; null while nothing is wrong. `changed_to` is the last one it had taken when it noticed.
alter table kit.inbox_sequences add column changed_from bigint, add column changed_to bigint;
create index inbox_sequences_changed on kit.inbox_sequences (source, topic, subject) where changed_from is not null;

-- Sequences that an administrator gave up as missing. When they arrive all the same they are late, and no change of history.
create table kit.given_up (
  source text not null,
  topic text not null,
  subject text not null,
  first bigint not null,
  last bigint not null,
  primary key (source, topic, subject, first)
);
