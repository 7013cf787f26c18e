#!/bin/sh
# Runs once, as superuser, on an empty Postgres: two roles and a database. The owner migrates; the application reads and
# writes rows and owns nothing, so it can neither change a table nor rewrite the audit trail.
set -eu

# The passwords are read from the environment inside psql: as arguments, every user of the machine could read them.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'EOF'
\getenv owner_password OWNER_PASSWORD
\getenv application_password APPLICATION_PASSWORD
create role baraza_owner login password :'owner_password';
create role baraza_app login password :'application_password';
create database baraza owner baraza_owner;
revoke all on database baraza from public;
grant connect on database baraza to baraza_app;
EOF
