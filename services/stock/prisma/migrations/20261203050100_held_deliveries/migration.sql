-- A recall lists deliveries that are held and name its lot: these wait for nothing.
create index needs_that_are_held on needs (document_id) where status = 'open' and held is not null;
