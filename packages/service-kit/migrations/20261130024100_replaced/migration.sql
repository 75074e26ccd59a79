-- Events that were taken back from the bus when their old position in the outbox belonged to another one already. By their ids they
-- are known without reading the whole outbox.
create table kit.replaced (
  id uuid primary key,
  position bigint not null
);
