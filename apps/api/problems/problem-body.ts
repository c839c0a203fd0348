import type { Problem, ProblemCode } from './problem.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** `application/problem+json` of RFC 9457, with the stable `code` and the members `error` and `message` of older clients. */
export interface ProblemBody extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode;
  readonly advice: string;
  readonly error: string;
  readonly message: string;
}

/** @param requestId UUID of the request the problem occurred in; the log has the same */
export function problemBody(problem: Problem, requestId: string): ProblemBody {
  const { status, title, advice, isPrivate } = problem.entry;
  const detail = isPrivate ? `${title}.` : problem.message;
  return {
    type: `urn:deepfake-analysis-service:problem:${problem.code}`,
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    code: problem.code,
    advice,
    error: title,
    message: detail,
    ...(isPrivate ? { error_id: requestId } : {}),
    ...problem.members,
  };
}
