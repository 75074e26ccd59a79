-- The version of the rules by which an input was valued: a rebuild values each by its own. What an older service adds has 1.
alter table inputs add column rules smallint not null default 1;

-- Lines of orders of which a part did not come out even: what has come, as fractions of 10^-16 of the currency, and what is booked.
create table order_lines (
  product_id uuid not null,
  order_number text not null,
  order_line int not null,
  source text not null,
  -- The move of the first part that did not come out even.
  opened_by uuid not null,
  -- Worth of what was entered, and of what it counted as on the order's line.
  exact_numerator numeric not null,
  exact_denominator numeric not null,
  counted_numerator numeric not null,
  counted_denominator numeric not null,
  value numeric not null,
  primary key (product_id, order_number, order_line, source)
) with (fillfactor = 80);

-- On the lines of entries, the order's line of which they are a part.
alter table entry_lines add column part_of uuid;
