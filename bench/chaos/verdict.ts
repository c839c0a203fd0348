import { isDeepStrictEqual } from 'node:util';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Outcome } from './client.js';

/** All of a result but its times, which are another run's own. */
function timeless(result: AnalysisResult): object {
  return { ...result, inference_time: 0, created_at: '' };
}

export interface Compared {
  /** Submissions that ended without a result. */
  readonly lost: readonly string[];
  /** Submissions whose result is another than that of the undisturbed run. */
  readonly wrong: readonly string[];
}

/** @param expected the undisturbed results by the media's names */
export function compare(
  outcomes: readonly Pick<Outcome, 'medium' | 'result' | 'failure'>[],
  expected: ReadonlyMap<string, AnalysisResult>,
): Compared {
  const lost: string[] = [];
  const wrong: string[] = [];
  for (const { medium, result, failure } of outcomes) {
    const right = expected.get(medium.name);
    if (result === null) lost.push(`${medium.name}: ${failure ?? 'no result'}`);
    else if (right === undefined || !isDeepStrictEqual(timeless(result), timeless(right)))
      wrong.push(medium.name);
  }
  return { lost, wrong };
}
