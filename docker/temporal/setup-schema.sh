#!/bin/sh
# Creates and updates the two databases of the Temporal server. Does nothing to what is there already.
set -eu
tool() {
  temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" --database "$1" "$2" $3
}
for database in temporal visibility; do
  name=temporal
  [ "$database" = visibility ] && name=temporal_visibility
  tool "$name" create-database "" || true
  tool "$name" setup-schema "-v 0.0" || true
  tool "$name" update-schema "-d /etc/temporal/schema/postgresql/v12/$database/versioned"
done
