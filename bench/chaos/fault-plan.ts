import type { StoreKind } from './deployment.js';
import type { Random } from './random.js';

/** Everything that runs: the parts, and the decoder that the media worker starts. The S3 server is there only where it is the store. */
export const TARGETS = ['temporal', 'api', 'media', 'inference', 'ffmpeg', 's3'] as const;
export type Target = (typeof TARGETS)[number];

export function targetsWith(store: StoreKind): readonly Target[] {
  return TARGETS.filter((target) => target !== 's3' || store === 's3');
}

/** `stop` halts the process as it is (SIGSTOP): to everyone else it looks alive and says nothing. */
export const WAYS = ['kill', 'terminate', 'stop-and-kill', 'stop-and-continue'] as const;
export type Way = (typeof WAYS)[number];

export interface Fault {
  readonly target: Target;
  readonly way: Way;
  /** How long after the analyses that belong to it were sent. */
  readonly afterMs: number;
  /** How long a stopped process stays stopped: less and more than what Temporal waits for a sign of life. */
  readonly stopMs: number;
}

const LONGEST_DELAY_MS = 1_500;
const SHORTEST_STOP_MS = 1_000;
const LONGEST_STOP_MS = 9_000;

/**
 * Faults in a random order that hits each target equally often, and each in each way. What is only stopped and continued
 * does not count as a kill.
 */
export function planFaults(
  random: Random,
  kills: number,
  targets: readonly Target[],
): readonly Fault[] {
  const faults: Fault[] = [];
  let dealt = 0;
  while (dealt < kills) {
    const ways = new Map(targets.map((target) => [target, random.shuffled(WAYS)]));
    for (let round = 0; round < WAYS.length; round += 1) {
      for (const target of random.shuffled(targets)) {
        const way = ways.get(target)?.[round] ?? 'kill';
        if (dealt === kills) return faults;
        if (way !== 'stop-and-continue') dealt += 1;
        faults.push({
          target,
          way,
          afterMs: random.integer(0, LONGEST_DELAY_MS),
          stopMs: way.startsWith('stop') ? random.integer(SHORTEST_STOP_MS, LONGEST_STOP_MS) : 0,
        });
      }
    }
  }
  return faults;
}
