import { Problem } from '../problems/problem.js';

export function analysisNotFound(id: string): Problem {
  return new Problem(
    'analysis_not_found',
    `Expected the ID of an analysis as a request was answered with, got ${JSON.stringify(id.slice(0, 80))}, which is not known.`,
  );
}
