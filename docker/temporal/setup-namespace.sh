#!/bin/sh
# Creates the namespace and the service's search attributes. Does nothing to what is there already.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 \
  || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
for attribute in \
  AnalysisStatus=Keyword \
  Verdict=Keyword \
  RiskScore=Double \
  MediaType=Keyword \
  MediaSha256=Keyword \
  ModelRevision=Keyword \
  FailureCode=Keyword \
  Tenant=Keyword; do
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name "${attribute%%=*}" --type "${attribute##*=}" || true
done
temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" | grep -q Tenant
