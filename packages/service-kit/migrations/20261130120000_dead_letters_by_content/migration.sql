-- A dead letter is known by its place and its content: a topic that was made anew, or another cluster, has other
-- messages at the same places. The unique constraint on the place alone stays, since the version before inserts by it;
-- where a place is occupied by another message, message_offset holds a number below zero that stands for both, and
-- place_offset the true one.
alter table kit.quarantine add column place_offset bigint;
-- SHA-256 over key, headers and value; null in rows of the version before.
alter table kit.quarantine add column digest bytea;
create index quarantine_place on kit.quarantine (topic, partition, place_offset) where place_offset is not null;
