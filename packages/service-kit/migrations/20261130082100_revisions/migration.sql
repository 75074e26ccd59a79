-- Of an event that is a revision of something: of what, and which one. A later one that is applied ends those that wait.
alter table kit.parked add column about text;
alter table kit.parked add column revision bigint;
create index parked_about on kit.parked (about, revision) where about is not null;

-- `superseded` is an end, as `applied` and `discarded` are.
alter table kit.parked drop constraint parked_state_check;
alter table kit.parked add constraint parked_state_check
  check (state in ('parked', 'behind', 'waiting', 'gap', 'applied', 'discarded', 'superseded'));
