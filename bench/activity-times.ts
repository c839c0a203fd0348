import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Milliseconds that each activity of each run took inside its worker, from the workers' debug logs. */
export class ActivityTimes {
  readonly #byRun = new Map<string, Map<string, number>>();

  follow(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      if (!line.includes('"Activity completed"')) return;
      const { workflowId, activityType, durationMs } = JSON.parse(line) as {
        workflowId: string;
        activityType: string;
        durationMs: number;
      };
      const run = this.#byRun.get(workflowId) ?? new Map<string, number>();
      run.set(activityType, durationMs);
      this.#byRun.set(workflowId, run);
    });
  }

  /** Work on the way of a run of one segment: what runs side by side counts once. Null until all of it is known. */
  onTheWay(workflowId: string): number | null {
    const run = this.#byRun.get(workflowId);
    const parts = ['describeModel', 'probeMedia', 'extractFaces', 'scoreFaces', 'aggregate'].map(
      (name) => run?.get(name),
    );
    const [describe, probe, extract, score, aggregate] = parts;
    if (describe === undefined || probe === undefined || extract === undefined) return null;
    if (score === undefined || aggregate === undefined) return null;
    return Math.max(describe, probe) + extract + score + aggregate;
  }
}
