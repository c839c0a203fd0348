#!/bin/sh
# Brings both of Temporal's databases to the schema of this server version: makes what is missing, upgrades what is old.
# Reads SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN, as temporal-sql-tool does.
set -eu

schema=${TEMPORAL_SCHEMA_DIR:-/etc/temporal/schema}/postgresql/v12

bring_up_to_date() {
  database=$1
  kind=$2
  temporal-sql-tool --database "$database" create
  # Fails where the schema is there already; then the update, which needs it, is what tells whether all is well.
  temporal-sql-tool --quiet --database "$database" setup-schema --version 0.0 || true
  temporal-sql-tool --database "$database" update-schema --schema-dir "$schema/$kind/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
