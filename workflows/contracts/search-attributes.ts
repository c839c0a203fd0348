import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

const { KEYWORD, DOUBLE } = SearchAttributeType;

/** Search attributes of a run, for lists and saved queries in Temporal's UI. */
export const searchAttributes = {
  analysisStatus: defineSearchAttributeKey('AnalysisStatus', KEYWORD),
  verdict: defineSearchAttributeKey('Verdict', KEYWORD),
  riskScore: defineSearchAttributeKey('RiskScore', DOUBLE),
  mediaType: defineSearchAttributeKey('MediaType', KEYWORD),
  mediaSha256: defineSearchAttributeKey('MediaSha256', KEYWORD),
  modelRevision: defineSearchAttributeKey('ModelRevision', KEYWORD),
  failureCode: defineSearchAttributeKey('FailureCode', KEYWORD),
  tenant: defineSearchAttributeKey('Tenant', KEYWORD),
} as const;

/** `Name=Type` of each search attribute, as the Temporal CLI registers them. */
export const searchAttributeDefinitions: readonly string[] = Object.values(searchAttributes).map(
  (key) => `${key.name}=${key.type === DOUBLE ? 'Double' : 'Keyword'}`,
);
