import { describe, expect, it } from 'vitest';
import { Problem } from '../problems/problem.js';
import { parseBulkQuery, parseListQuery } from './list-query.js';
import { visibilityQuery } from './visibility-query.js';

const scope = { taskQueue: 'a-analyses', tenant: "o'hara" };

describe('visibilityQuery', () => {
  it('keeps to the deployment and the tenant', () => {
    const query = visibilityQuery({}, scope);
    expect(query).toContain("TaskQueue = 'a-analyses'");
    expect(query).toContain("Tenant = 'o\\'hara'");
  });

  it.each([
    [{ status: 'failed' }, "IN ('Failed', 'Terminated', 'TimedOut')"],
    [{ status: 'queued' }, "AnalysisStatus = 'queued'"],
    [{ verdict: 'likely_fake' }, "Verdict = 'likely_fake'"],
    [{ mediaType: 'VIDEO' }, "MediaType = 'VIDEO'"],
    [{ code: 'model_unavailable' }, "FailureCode = 'model_unavailable'"],
    [{ code: 'deadline_exceeded' }, "ExecutionStatus = 'TimedOut')"],
    [{ code: 'analysis_terminated' }, "ExecutionStatus = 'Terminated'"],
  ])('%j asks for %s', (query, clause) => {
    expect(visibilityQuery(parseListQuery(query), scope)).toContain(clause);
  });
});

describe('the parameters of a list', () => {
  it.each([
    [{ status: 'done' }, 'status'],
    [{ verdict: 'fake' }, 'verdict'],
    [{ mediaType: 'PDF' }, 'mediaType'],
    [{ code: "x' OR '1'='1" }, 'code'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ pageToken: '%%' }, 'pageToken'],
    [{ status: ['failed', 'failed'] }, 'status'],
    [{ sort: 'up' }, 'sort'],
  ])('%j is refused with its name', (query, name) => {
    expect(() => parseListQuery(query)).toThrow(Problem);
    expect(() => parseListQuery(query)).toThrow(name);
  });

  it('of a retry of many must say of which status', () => {
    expect(() => parseBulkQuery({})).toThrow('status: expected failed or cancelled');
    expect(() => parseBulkQuery({ status: 'succeeded' })).toThrow('status');
    expect(parseBulkQuery({ status: 'failed', dryRun: 'true' })).toMatchObject({
      dryRun: true,
      limit: 20,
    });
  });
});
