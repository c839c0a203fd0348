import { Context } from '@temporalio/activity';
import type {
  ActivitySlotInfo,
  CustomSlotSupplier,
  SlotPermit,
  SlotReserveContext,
} from '@temporalio/worker';
import type { MediaActivities } from '../../../workflows/contracts/activities.js';
import { segmentsOf } from '../../../workflows/plan-segments.js';
import { ShortRuns } from './short-runs.js';
import { Tenants } from './tenants.js';

interface Waiter {
  readonly grant: () => void;
}

/** One run. */
export interface RunName {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Slots for the first step on a medium, which is a run's turn: polls for it are begun only while there are fewer than `most` short
 * runs under way, so that all others wait on the server, where tenants take turns. A run counts from that step to its own end.
 *
 * It is an activity that waits, not the run's first workflow task: the server may hand first tasks to polls for a worker's own
 * ("sticky") runs too, whose number nothing here could bound, and a run with a task that waits can't hear of its cancellation.
 */
export class TurnSlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  readonly tenants = new Tenants();
  readonly #runs = new ShortRuns(() => {
    this.onRuns(this.#runs.size);
    this.#grantWaiters();
  });
  readonly #waiters = new Set<Waiter>();
  /** Slots that are given away, polls that wait for a task included. */
  #slots = 0;

  /**
   * @param most short runs under way at once, from 1
   * @param runEnd resolves when a run has ended, or at the signal
   * @param onRuns is told how many there are whenever that changes
   */
  constructor(
    private most: number,
    private readonly runEnd: (run: RunName, signal: AbortSignal) => Promise<void>,
    private readonly onRuns: (runs: number) => void = () => undefined,
  ) {}

  /** Other machines have come or gone that share the work. */
  allow(most: number): void {
    this.most = most;
    this.#grantWaiters();
  }

  /** The same activity, after which its run counts as under way until it has ended, unless it is of long media. */
  takingTurns(probe: MediaActivities['probeMedia']): MediaActivities['probeMedia'] {
    return async (input) => {
      const { workflowExecution, priority } = Context.current().info;
      const tenant = priority?.fairnessKey ?? '';
      this.tenants.began(tenant);
      let ended = Promise.resolve();
      try {
        const probed = await probe(input);
        // Segments of long media have queues and slots of their own.
        const isShort = segmentsOf(input, probed).length === 1;
        if (isShort && workflowExecution !== undefined) ended = this.count(workflowExecution);
        return probed;
      } finally {
        void ended.then(() => {
          this.tenants.ended(tenant);
        });
      }
    };
  }

  /** Counts a run as under way. @returns resolves when it no longer does */
  count(run: RunName): Promise<void> {
    return this.#runs.count(run.runId, (signal) => this.runEnd(run, signal));
  }

  reserveSlot(_context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
    const now = this.tryReserveSlot();
    if (now !== null) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve(this.#give());
        },
      };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  tryReserveSlot(): SlotPermit | null {
    return this.#hasRoom() ? this.#give() : null;
  }

  markSlotUsed(): void {
    // A slot counts from when it is given away.
  }

  releaseSlot(): void {
    this.#slots -= 1;
    this.#grantWaiters();
  }

  #hasRoom(): boolean {
    return this.#slots + this.#runs.size < this.most;
  }

  #give(): SlotPermit {
    this.#slots += 1;
    return {};
  }

  #grantWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!this.#hasRoom()) return;
      this.#waiters.delete(waiter);
      waiter.grant();
    }
  }
}
