-- The system that a document's order is from. Events name it, so that a document can be made again after the database fell back.
alter table receipts add column order_source text;
alter table deliveries add column order_source text;
