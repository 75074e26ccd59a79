-- What is open is little, what is resolved grows for ever: neither the list nor the metrics walk through it.
create index parked_unresolved on kit.parked (position) where resolved_at is null;
