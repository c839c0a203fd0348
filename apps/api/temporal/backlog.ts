import type { Config } from '../../../libs/platform/config/config.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { Problem } from '../problems/problem.js';
import type { Temporal } from './temporal.js';

const FRESH_MS = 1_000;
const DEADLINE_MS = 1_000;

/** How many analyses are under way, waiting ones included, and whether there may be more. */
export class Backlog {
  readonly #query: string;
  readonly #most: number;
  #counted = 0;
  #countedAt = -Infinity;
  #counting: Promise<void> | null = null;
  /** The server's list lags, so what was let in since it was asked counts too. */
  #admitted = 0;

  constructor(
    config: Pick<Config, 'temporal' | 'admission'>,
    private readonly temporal: Temporal,
  ) {
    const { analyses } = taskQueues(config.temporal.taskQueuePrefix);
    this.#query = `TaskQueue="${analyses}" AND ExecutionStatus="Running"`;
    this.#most = config.admission.maxBacklog;
  }

  /** @throws Problem `backlog_full` */
  async admit(): Promise<void> {
    if (await this.isFull()) {
      throw new Problem(
        'backlog_full',
        `Expected fewer than ${this.#most} analyses to be under way before another one is taken.`,
        { members: { max_backlog: this.#most } },
      );
    }
    this.#admitted += 1;
  }

  async isFull(): Promise<boolean> {
    if (performance.now() - this.#countedAt > FRESH_MS) {
      this.#counting ??= this.#count().finally(() => (this.#counting = null));
      await this.#counting;
    }
    return this.#counted + this.#admitted >= this.#most;
  }

  /** A server that does not tell refuses nothing here: whether it starts an analysis is seen when it is asked to. */
  async #count(): Promise<void> {
    const admittedBefore = this.#admitted;
    try {
      const { count } = await this.temporal.within(DEADLINE_MS, () =>
        this.temporal.client.workflow.count(this.#query),
      );
      this.#counted = count;
      this.#admitted -= admittedBefore;
    } catch {
      this.#counted = 0;
      this.#admitted = 0;
    }
    this.#countedAt = performance.now();
  }
}
