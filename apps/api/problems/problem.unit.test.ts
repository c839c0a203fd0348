import { CancelledFailure, ApplicationFailure, TerminatedFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { FAILURE_CODES } from '../../../workflows/contracts/failure-codes.js';
import { problemOfFailedRun } from './failed-run.js';
import { failureProblems } from './failure-problems.js';
import { problemBody } from './problem-body.js';
import { Problem } from './problem.js';
import { requestProblems } from './request-problems.js';

const REQUEST_ID = '6c1f1d0e-1f0a-4a57-9a3e-0d6a2f6f0b11';
const entries = Object.entries({ ...failureProblems, ...requestProblems });

describe('the catalogue of problems', () => {
  it('has each failure code, and none of the API’s own under the same name', () => {
    expect(Object.keys(failureProblems).sort()).toEqual([...FAILURE_CODES].sort());
    expect(FAILURE_CODES.filter((code) => code in requestProblems)).toEqual([]);
  });

  it.each(entries)('%s says what to do, and when to come back if that helps', (_, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.title).not.toMatch(/\.$/);
    expect(entry.advice).toMatch(/\.$/);
    expect('retryAfterSeconds' in entry).toBe(entry.status === 503);
  });

  it('never calls bad input an internal error: that is the one 500', () => {
    expect(entries.filter(([, { status }]) => status === 500).map(([code]) => code)).toEqual([
      'internal_error',
    ]);
  });
});

describe('problemBody', () => {
  it('has the members of RFC 9457, the code, and those that older clients read', () => {
    const problem = new Problem('media_empty', 'Expected bytes, got none.', {
      members: { id: 'x' },
    });
    expect(problemBody(problem, REQUEST_ID)).toEqual({
      type: 'urn:deepfake-analysis-service:problem:media_empty',
      title: failureProblems.media_empty.title,
      status: 422,
      detail: 'Expected bytes, got none.',
      instance: `urn:uuid:${REQUEST_ID}`,
      code: 'media_empty',
      advice: failureProblems.media_empty.advice,
      error: failureProblems.media_empty.title,
      message: 'Expected bytes, got none.',
      id: 'x',
    });
  });

  it('keeps what an internal error says to the log, and names it there', () => {
    const body = problemBody(new Problem('internal_error', 'ENOENT /srv/secret'), REQUEST_ID);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body.error_id).toBe(REQUEST_ID);
  });
});

describe('problemOfFailedRun', () => {
  it.each(FAILURE_CODES)('knows %s by its type alone', (type) => {
    const failure = ApplicationFailure.create({ type, message: 'why' });
    expect(problemOfFailedRun(failure, 'id')).toMatchObject({ code: type, members: { id: 'id' } });
  });

  it.each([
    [new CancelledFailure('cancelled'), 'analysis_cancelled'],
    [new TerminatedFailure('by hand'), 'analysis_terminated'],
    [ApplicationFailure.create({ type: 'unheard_of' }), 'internal_error'],
    [undefined, 'internal_error'],
  ])('takes %s for %s', (cause, code) => {
    expect(problemOfFailedRun(cause, 'id').code).toBe(code);
  });
});
