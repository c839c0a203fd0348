import { rm } from 'node:fs/promises';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { analyse } from './client.js';
import { Deployment, type StoreKind } from './deployment.js';
import type { Medium } from './media.js';

const AT_ONCE = 4;
const LIMIT_MS = 300_000;

/**
 * What a service of its own answers for each medium when nothing disturbs it, by the media's names.
 * @param folder of the service, removed at its end
 */
export async function undisturbed(
  folder: string,
  store: StoreKind,
  media: readonly Medium[],
  onDone: (done: number) => void,
): Promise<ReadonlyMap<string, AnalysisResult>> {
  const deployment = await Deployment.start({ folder, store });
  try {
    const results = new Map<string, AnalysisResult>();
    const waiting = [...media];
    const lane = async () => {
      for (let medium = waiting.shift(); medium !== undefined; medium = waiting.shift()) {
        const { result, failure } = await analyse(deployment.url, medium, false, LIMIT_MS);
        if (result === null)
          throw new Error(`${medium.name} failed undisturbed: ${failure ?? 'no result'}`);
        results.set(medium.name, result);
        onDone(results.size);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return results;
  } finally {
    await deployment.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
