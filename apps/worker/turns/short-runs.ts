import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { TurnSinks } from '../../../workflows/turns.js';
import { Tenants } from './tenants.js';

/** A run that has no answer after this time to what its medium and its model are may wait for workers that are not there. */
const UNANSWERED_MS = 5_000;
/** No run counts for longer: of one that another worker has taken over since, nothing is heard here any more. */
const LONGEST_MS = 60_000;

interface ShortRun {
  readonly tenant: string;
  readonly timer: NodeJS.Timeout;
}

/** The runs of short media that are under way in this worker, by what they tell. */
export class ShortRuns {
  readonly tenants = new Tenants();
  readonly #runs = new Map<string, ShortRun>();

  /** @param onChange is called when there are more or fewer than before */
  constructor(private readonly onChange: () => void) {}

  get size(): number {
    return this.#runs.size;
  }

  readonly sinks: InjectedSinks<TurnSinks> = {
    turns: {
      begun: {
        fn: (info) => {
          this.#add(info, UNANSWERED_MS);
        },
      },
      isShort: {
        fn: (info) => {
          this.#add(info, LONGEST_MS);
        },
      },
      left: {
        fn: ({ runId }) => {
          this.#remove(runId);
        },
      },
    },
  };

  #add({ runId, priority }: WorkflowInfo, milliseconds: number): void {
    const known = this.#runs.get(runId);
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      this.#remove(runId);
    }, milliseconds).unref();
    const tenant = known?.tenant ?? priority?.fairnessKey ?? '';
    this.#runs.set(runId, { tenant, timer });
    if (known !== undefined) return;
    this.tenants.began(tenant);
    this.onChange();
  }

  #remove(runId: string): void {
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    clearTimeout(run.timer);
    this.#runs.delete(runId);
    this.tenants.ended(run.tenant);
    this.onChange();
  }
}
