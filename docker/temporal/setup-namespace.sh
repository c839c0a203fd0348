#!/bin/sh
# Makes the namespace and the search attributes given as Name=Type, where they are missing.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and what else the temporal CLI reads, and TEMPORAL_RETENTION (of finished runs).
set -eu
: "${TEMPORAL_ADDRESS:?expected host:port of the Temporal server}"
: "${TEMPORAL_NAMESPACE:?expected the name of a namespace}"
: "${TEMPORAL_RETENTION:?expected a time, as 30d}"
tries=${TRIES:-60}

# Runs a command until it succeeds, once a second.
insist() {
  left=$tries
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      echo "gave up after $tries tries: $*" >&2
      exit 1
    fi
    sleep 1
  done
}

server_serves() {
  temporal operator cluster health >/dev/null
}

namespace_exists() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1
}

make_namespace() {
  namespace_exists ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
}

# A new namespace is known to all of the server only after some seconds.
list_attributes() {
  attributes=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
}

is_listed() {
  echo "$attributes" | grep -Eq "^[[:space:]]*$1[[:space:]]+$2[[:space:]]*\$"
}

make_attribute() {
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}

insist server_serves
insist make_namespace
insist list_attributes
for definition in "$@"; do
  name=${definition%%=*}
  type=${definition#*=}
  is_listed "$name" "$type" || insist make_attribute "$name" "$type"
done
echo "namespace $TEMPORAL_NAMESPACE is ready"
