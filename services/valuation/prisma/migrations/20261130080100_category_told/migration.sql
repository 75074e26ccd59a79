-- Stock has told the category of the product itself: what a line of a document says of it does not count any more.
alter table cost_pools add column category_told boolean not null default false;
