create table things (
  id uuid primary key,
  name text not null unique,
  version integer not null default 1,
  state text not null default 'posting'
);
