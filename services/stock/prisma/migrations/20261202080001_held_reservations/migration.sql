-- A delivery may be taken out of the offering, by a person, by its ordering system, or since its order wants it reserved no longer.
ALTER TABLE needs
  -- A day, or a time by UTC as ISO 8601 writes it.
  ADD COLUMN reserve_until text COLLATE "C",
  -- Why it is held, where that is of its revision: a version before amends it without a word of this, and so ends it.
  ADD COLUMN held text,
  ADD COLUMN held_revision integer;
CREATE INDEX needs_by_reserve_until ON needs (reserve_until) WHERE reserve_until IS NOT NULL;
