-- The timer looks at open deliveries alone, however many were shipped that said until when. The index before held these, too.
CREATE INDEX needs_by_reserve_until_of_open ON needs (reserve_until) WHERE status = 'open' AND reserve_until IS NOT NULL;
DROP INDEX needs_by_reserve_until;
