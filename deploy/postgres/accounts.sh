#!/bin/sh
# Runs once, when PostgreSQL's data folder is empty: a database for each service, which its account alone may use,
# and an account that may look into it and change nothing (for `pnpm invariants`).
set -eu

make_database() {
  name=$1
  password=$2
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="$name" --set reader="${name}_reader" --set password="$password" --set reader_password="$READER_PASSWORD" <<'SQL'
create role :"name" login password :'password';
create role :"reader" login password :'reader_password' in role pg_read_all_data;
create database :"name" owner :"name";
revoke all on database :"name" from public;
grant connect on database :"name" to :"reader";
SQL
}

make_database identity "$IDENTITY_DATABASE_PASSWORD"
make_database stock "$STOCK_DATABASE_PASSWORD"
make_database picking "$PICKING_DATABASE_PASSWORD"
make_database valuation "$VALUATION_DATABASE_PASSWORD"
