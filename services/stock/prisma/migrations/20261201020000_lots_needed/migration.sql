-- A line may ask for one lot alone. Null where any will do.
alter table need_lines add column lot text;
