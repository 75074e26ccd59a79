-- When a lot was made: its whole life begins then.
alter table lots add column produced_on date;
-- How much of a lot's life a line of a delivery wants left: days, percent of the whole, or both. Null in both where it does not say.
alter table need_lines add column life_days integer;
alter table need_lines add column life_percent numeric(5, 2);
-- Those that ask for it are looked at when the day changes.
create index need_lines_by_life on need_lines (document_id) where life_days is not null or life_percent is not null;
