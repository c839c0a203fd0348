import { framesListKey, HASH_DIGITS, mediaKey } from '../../workflows/contracts/blob-keys.js';
import type { RunningAnalysis } from '../platform/running-analyses.js';
import type { BlobStore } from './blob-store.js';

/** What the running analyses may need: nobody else's blobs may be deleted under them. */
export class BlobsInUse {
  readonly #runs: ReadonlySet<string>;
  readonly #inputs: ReadonlySet<string>;
  readonly #judgedAgain: ReadonlySet<string>;

  private constructor(
    running: readonly RunningAnalysis[],
    private readonly media: ReadonlySet<string>,
  ) {
    this.#runs = new Set(running.map(({ analysisId }) => analysisId));
    this.#inputs = new Set(running.map(({ analysisId }) => digitsOf(analysisId)));
    this.#judgedAgain = new Set(
      running.flatMap((run) => (run.isVerdictAgain ? [digitsOf(run.analysisId)] : [])),
    );
  }

  static async by(running: readonly RunningAnalysis[], blobs: BlobStore): Promise<BlobsInUse> {
    const media = new Set(running.map(({ sha256 }) => mediaKey(sha256)));
    for (const { analysisId } of running)
      for (const key of await framesOf(blobs, analysisId)) media.add(key);
    return new BlobsInUse(running, media);
  }

  isRunning(analysisId: string): boolean {
    return this.#runs.has(analysisId);
  }

  /** Whether a new verdict is under way on scores of the medium: which analysis's they are is not known here. */
  mayBeJudgedAgain(analysisId: string): boolean {
    return this.#judgedAgain.has(digitsOf(analysisId));
  }

  /** Whether an analysis runs of the medium, or the list of frames, that an ID of an analysis or of crops begins with. */
  isInput(id: string): boolean {
    return this.#inputs.has(digitsOf(id));
  }

  isMedium(key: string): boolean {
    return this.media.has(key);
  }
}

const digitsOf = (id: string): string => id.slice(0, HASH_DIGITS);

/** Keys of the frames of an analysis of a client's frames; none for that of a file. */
export async function framesOf(blobs: BlobStore, analysisId: string): Promise<readonly string[]> {
  const bytes = await blobs.get(framesListKey(analysisId));
  return bytes === null ? [] : (JSON.parse(Buffer.from(bytes).toString('utf8')) as string[]);
}
