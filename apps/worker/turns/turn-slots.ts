import type {
  CustomSlotSupplier,
  InjectedSinks,
  SlotReleaseContext,
  SlotReserveContext,
  WorkflowSlotInfo,
} from '@temporalio/worker';
import type { TurnSinks } from '../../../workflows/turns.js';
import { ShortRuns } from './short-runs.js';
import type { Tenants } from './tenants.js';

/** Workflow tasks at once, as without a slot supplier. */
const MOST_TASKS = 40;
/**
 * Where no run has ended for this long, one more is let in: one of those under way may wait for a task that the server has put
 * where others' first tasks are, as it does with what was not fetched in time.
 */
const STANDSTILL_MS = 5_000;

interface Permit {
  readonly isSticky: boolean;
}

interface Waiter extends Permit {
  readonly grant: (permit: Permit) => void;
}

/**
 * Slots for workflow tasks. A run's first task comes by a poll of the queue that all workers share, later ones by polls for the
 * worker's own ("sticky") runs: polls of the first kind are begun only while there are fewer than `most` short runs under way, so
 * that all others wait on the server, where tenants take turns.
 */
export class TurnSlots implements CustomSlotSupplier<WorkflowSlotInfo> {
  readonly type = 'custom';
  readonly #runs = new ShortRuns(() => {
    this.onRuns(this.#runs.size);
    this.#grantWaiters();
  });
  readonly #waiters = new Set<Waiter>();
  /** Slots that are given away, polls that wait for a task included. */
  #tasks = 0;
  /** Those of them for the shared queue. */
  #fetching = 0;
  #standstill: NodeJS.Timeout | null = null;

  /**
   * @param most short runs under way at once, from 1
   * @param onRuns is told how many there are whenever that changes
   */
  constructor(
    private most: number,
    private readonly onRuns: (runs: number) => void = () => undefined,
  ) {}

  /** For the worker whose workflow tasks these are slots for. */
  get sinks(): InjectedSinks<TurnSinks> {
    return this.#runs.sinks;
  }

  get tenants(): Tenants {
    return this.#runs.tenants;
  }

  /** Other machines have come or gone that share the work. */
  allow(most: number): void {
    this.most = most;
    this.#grantWaiters();
  }

  reserveSlot(context: SlotReserveContext, signal: AbortSignal): Promise<Permit> {
    const now = this.tryReserveSlot(context);
    if (now !== null) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        isSticky: context.isSticky,
        grant: (permit) => {
          signal.removeEventListener('abort', abort);
          resolve(permit);
        },
      };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
      this.#watchStandstill();
    });
  }

  tryReserveSlot({ isSticky }: SlotReserveContext): Permit | null {
    return this.#hasRoom(isSticky) ? this.#give(isSticky) : null;
  }

  markSlotUsed(): void {
    // A slot counts from when it is given away.
  }

  releaseSlot({ permit }: SlotReleaseContext<WorkflowSlotInfo>): void {
    this.#tasks -= 1;
    if (!(permit as Permit).isSticky) this.#fetching -= 1;
    this.#grantWaiters();
  }

  #hasRoom(isSticky: boolean): boolean {
    if (this.#tasks >= MOST_TASKS) return false;
    return isSticky || this.#fetching + this.#runs.size < this.most;
  }

  #give(isSticky: boolean): Permit {
    this.#tasks += 1;
    if (!isSticky) this.#fetching += 1;
    return { isSticky };
  }

  #grantWaiters(): void {
    for (const waiter of this.#waiters) if (this.#hasRoom(waiter.isSticky)) this.#grant(waiter);
    this.#watchStandstill();
  }

  #grant(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    waiter.grant(this.#give(waiter.isSticky));
  }

  /** Each change begins the watch anew; it ends while a poll is open. */
  #watchStandstill(): void {
    if (this.#standstill !== null) clearTimeout(this.#standstill);
    this.#standstill = null;
    if (this.#fetching > 0) return;
    this.#standstill = setTimeout(() => {
      const first = [...this.#waiters].find(({ isSticky }) => !isSticky);
      if (first !== undefined && this.#fetching === 0) this.#grant(first);
    }, STANDSTILL_MS).unref();
  }
}
