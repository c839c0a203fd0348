import { listLiveWorkers, type LiveWorker } from '../../../libs/platform/fleet.js';
import type { TaskQueues } from '../../../workflows/contracts/queues.js';
import type { Temporal } from './temporal.js';

/** The workers of this deployment at one moment. */
export interface Fleet {
  /** When it was seen, in ms since the epoch. */
  readonly seenAt: number;
  /** False when Temporal did not answer; then nothing is known of the workers. */
  readonly reachable: boolean;
  /** Inference workers whose model answers. */
  readonly ready: readonly LiveWorker[];
  /** Inference workers that load their model. */
  readonly loading: readonly LiveWorker[];
  readonly media: readonly LiveWorker[];
}

const FRESH_MS = 1_000;
/** Older than this it is not answered with while a newer one is fetched. */
const USABLE_MS = 5_000;
/** Health must be told within two seconds, whatever Temporal does. */
const DEADLINE_MS = 1_250;

/** Knows the live workers without asking Temporal for each request. */
export class FleetMonitor {
  #latest: Fleet | null = null;
  #underWay: Promise<Fleet> | null = null;

  constructor(
    private readonly temporal: Temporal,
    private readonly queues: TaskQueues,
  ) {}

  /**
   * The fleet for a request that wants work done. One that can work is told from memory while a newer state is
   * fetched; one that can't is asked for again, so that nobody is turned away for what is past.
   */
  async current(): Promise<Fleet> {
    const latest = this.#latest;
    const fresh = this.fresh();
    const isUsable = latest !== null && latest.ready.length > 0 && ageOf(latest) < USABLE_MS;
    return isUsable ? latest : fresh;
  }

  /** The fleet as of the last second. */
  async fresh(): Promise<Fleet> {
    const latest = this.#latest;
    return latest !== null && ageOf(latest) < FRESH_MS ? latest : this.#refresh();
  }

  #refresh(): Promise<Fleet> {
    this.#underWay ??= this.#look().then((fleet) => {
      this.#latest = fleet;
      this.#underWay = null;
      return fleet;
    });
    return this.#underWay;
  }

  async #look(): Promise<Fleet> {
    const { connection, namespace } = this.temporal;
    try {
      const workers = await this.temporal.within(DEADLINE_MS, () =>
        listLiveWorkers(connection, namespace),
      );
      return { seenAt: Date.now(), reachable: true, ...this.#ours(workers) };
    } catch {
      return { seenAt: Date.now(), reachable: false, ready: [], loading: [], media: [] };
    }
  }

  /** Other deployments may share the namespace: ours poll our queues. */
  #ours(workers: readonly LiveWorker[]): Pick<Fleet, 'ready' | 'loading' | 'media'> {
    const { inference, media } = this.queues;
    return {
      ready: workers.filter((w) => w.taskQueue === inference && w.state === 'ready'),
      loading: workers.filter((w) => w.taskQueue === loadingQueue(inference)),
      media: workers.filter((w) => w.taskQueue === media),
    };
  }
}

const ageOf = (fleet: Fleet): number => Date.now() - fleet.seenAt;

/** Where an inference worker shows itself while it loads its model. */
const loadingQueue = (inference: string): string => `${inference}-loading`;
