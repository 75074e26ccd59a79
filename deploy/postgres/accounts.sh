#!/bin/sh
# Runs once, when PostgreSQL's data folder is empty: a database for each service, which its account alone may use,
# and an account that may look into it and change nothing (for `pnpm invariants`).
# Each password is a variable, or a file that the variable with _FILE names.
set -eu

secret() {
  eval "value=\${$1:-}"
  eval "file=\${$1_FILE:-}"
  if [ -n "$value" ]; then printf '%s' "$value"
  elif [ -n "$file" ]; then cat "$file"
  else
    echo "$1 or $1_FILE is missing" >&2
    exit 1
  fi
}

make_database() {
  name=$1
  password=$(secret "$2")
  reader_password=$(secret READER_PASSWORD)
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="$name" --set reader="${name}_reader" --set password="$password" --set reader_password="$reader_password" <<'SQL'
create role :"name" login password :'password';
create role :"reader" login password :'reader_password' in role pg_read_all_data;
create database :"name" owner :"name";
revoke all on database :"name" from public;
grant connect on database :"name" to :"reader";
SQL
}

make_database identity IDENTITY_DATABASE_PASSWORD
make_database stock STOCK_DATABASE_PASSWORD
make_database picking PICKING_DATABASE_PASSWORD
make_database valuation VALUATION_DATABASE_PASSWORD
