import type { FailureCode } from '../../../workflows/contracts/failure-codes.js';
import { failureProblems } from './failure-problems.js';
import type { ProblemEntry } from './problem-entry.js';
import { requestProblems } from './request-problems.js';

export type ProblemCode = FailureCode | keyof typeof requestProblems;

const entries: Readonly<Record<ProblemCode, ProblemEntry>> = {
  ...failureProblems,
  ...requestProblems,
};

interface ProblemOptions extends ErrorOptions {
  /** Further members of the body, such as the analysis's `id`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal or failure with all that its answer says: what was expected, what came, what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly entry: ProblemEntry;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail this occurrence in words; it reaches the client unless the code's entry is private */
  constructor(
    readonly code: ProblemCode,
    detail: string,
    { members = {}, headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(detail, options);
    this.entry = entries[code];
    this.members = members;
    const { retryAfterSeconds } = this.entry;
    this.headers = {
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...headers,
    };
  }
}
