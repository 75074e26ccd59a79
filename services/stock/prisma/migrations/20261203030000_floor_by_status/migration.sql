-- What a receipt puts to a hold place is put there in the status in which it will be posted.
alter table floor add column status text not null default 'available'
  check (status in ('available', 'quarantine', 'damaged', 'blocked'));
alter table floor drop constraint floor_pkey;
alter table floor add primary key (document_id, location, sku, lot, status);
