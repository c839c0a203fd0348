import type { InferenceEngine } from '../../../libs/model/engine.js';
import type { Dtype } from '../../../libs/model/precision.js';
import { quantile } from '../../../libs/scoring/statistics.js';

/** One precision beside the first one. */
export interface BenchRow {
  readonly dtype: Dtype;
  /** Median of the rounds, per picture. */
  readonly ms: number;
  /** Median of the rounds' own ratios: a busy moment of the machine then falls on both sides. */
  readonly times_as_fast: number;
  /** Of the fake probabilities, 0..1; null for the first one itself. */
  readonly max_difference: number | null;
  readonly median_difference: number | null;
  readonly ms_of_each_round: readonly number[];
}

const PICTURES_PER_ROUND = 8;

/**
 * Times every engine in turn, round after round, and compares their answers with the first one's.
 * @param pictures at the model's size @param onRound told of each round that is done, from 1
 */
export async function measure(
  engines: readonly InferenceEngine[],
  pictures: readonly Uint8Array[],
  rounds: number,
  signal: AbortSignal,
  onRound: (round: number) => void,
): Promise<readonly BenchRow[]> {
  const some = Array.from(
    { length: PICTURES_PER_ROUND },
    (_, i) => pictures[i % pictures.length] ?? new Uint8Array(),
  );
  const work = Buffer.concat(some);
  const time = async (engine: InferenceEngine) => {
    const began = performance.now();
    await engine.score(work, PICTURES_PER_ROUND, { signal });
    return (performance.now() - began) / PICTURES_PER_ROUND;
  };
  const times = engines.map((): number[] => []);
  // The first pass is slower.
  for (const engine of engines) await time(engine);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [i, engine] of engines.entries()) times[i]?.push(await time(engine));
    onRound(round);
  }
  const all = Buffer.concat(pictures);
  const answers: (readonly number[])[] = [];
  for (const engine of engines)
    answers.push((await engine.score(all, pictures.length, { signal })).fakeProbabilities);
  const [exact = []] = answers;
  const [reference = []] = times;
  return engines.map(({ description: { dtype } }, i) => {
    const own = times[i] ?? [];
    const ratios = own.map((ms, round) => (reference[round] ?? NaN) / ms);
    const differences = (answers[i] ?? []).map((p, at) => Math.abs(p - (exact[at] ?? NaN)));
    return {
      dtype,
      ms: quantile(own, 0.5),
      times_as_fast: quantile(ratios, 0.5),
      max_difference: i === 0 ? null : Math.max(...differences),
      median_difference: i === 0 ? null : quantile(differences, 0.5),
      ms_of_each_round: own,
    };
  });
}
