-- Moves since or until a time are a range of positions: so the time has to find its position. One entry a document, always
-- at the end of the index, is next to nothing for a posting; an index on the moves themselves would be an entry a line.
create index postings_by_time on postings (recorded_at);
