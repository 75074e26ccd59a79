-- The entries of a product, in their order. Without it a list by sku looks into every line of the journal.
create index entry_lines_sku on entry_lines (sku, entry) where sku is not null;
