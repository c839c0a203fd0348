import { queueBuilds } from '../../../libs/platform/current-build.js';
import { listLiveWorkers, type LiveWorker } from '../../../libs/platform/fleet.js';
import type { TaskQueues } from '../../../workflows/contracts/queues.js';
import {
  hasModel,
  sortWorkers,
  withheldFrom,
  workersOf,
  type Fleet,
  type Withheld,
} from './fleet.js';
import type { Temporal } from './temporal.js';

const FRESH_MS = 1_000;
/** The same of a fleet that can't work: who asks waits for the moment when it can. */
const FRESH_WHILE_AWAY_MS = 100;
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
    /** Of the models that are configured. */
    private readonly aliases: readonly string[],
  ) {}

  /**
   * The fleet for a request that wants work done. One that can work is told from memory while a newer state is
   * fetched; one that can't is asked for again, so that nobody is turned away for what is past.
   *
   * @param alias the model that is wanted; null = not known yet, any will do
   */
  async current(alias: string | null): Promise<Fleet> {
    const latest = this.#latest;
    const fresh = this.fresh();
    if (latest === null || ageOf(latest) >= USABLE_MS) return fresh;
    const canWork = alias === null ? hasModel(latest) : workersOf(latest, alias).ready.length > 0;
    return canWork ? latest : fresh;
  }

  /** The fleet as of the last second; one that can't work, as of the last moment. */
  async fresh(): Promise<Fleet> {
    const latest = this.#latest;
    if (latest === null) return this.#refresh();
    const canWork = latest.media.length > 0 && hasModel(latest) && latest.withheld === null;
    return ageOf(latest) < (canWork ? FRESH_MS : FRESH_WHILE_AWAY_MS) ? latest : this.#refresh();
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
      const sorted = sortWorkers(workers, this.queues, this.aliases);
      const withheld = await this.#withheld(workers);
      return { seenAt: Date.now(), reachable: true, ...sorted, withheld };
    } catch {
      return {
        seenAt: Date.now(),
        reachable: false,
        models: new Map(),
        media: [],
        sideQueues: new Set(),
        withheld: null,
      };
    }
  }

  /** Asked only where a worker says which build it is. */
  async #withheld(workers: readonly LiveWorker[]): Promise<Withheld | null> {
    const { connection, namespace } = this.temporal;
    const { analyses } = this.queues;
    const own = workers.filter(({ taskQueue }) => taskQueue === analyses);
    if (own.every(({ build }) => build === null)) return null;
    const builds = await this.temporal.within(DEADLINE_MS, () =>
      queueBuilds(connection, namespace, analyses),
    );
    return withheldFrom(own, builds);
  }
}

const ageOf = (fleet: Fleet): number => Date.now() - fleet.seenAt;
