-- A receipt looks all lines of its order up at once.
alter table order_lines drop constraint order_lines_pkey,
  add primary key (order_number, source, order_line, product_id);
