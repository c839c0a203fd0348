import type { Config } from '../../../libs/platform/config/config.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { Problem } from '../problems/problem.js';
import type { FairShare } from '../tenants/fair-share.js';
import { RunCount } from './run-count.js';
import type { Temporal } from './temporal.js';

/** How many analyses are under way, waiting ones included, and whether there may be more. */
export class Backlog {
  readonly #query: string;
  readonly #all: RunCount;
  readonly #own = new Map<string, RunCount>();

  constructor(
    config: Pick<Config, 'temporal'>,
    private readonly share: FairShare,
    private readonly temporal: Temporal,
  ) {
    const { analyses } = taskQueues(config.temporal.taskQueuePrefix);
    this.#query = `TaskQueue="${analyses}" AND ExecutionStatus="Running"`;
    this.#all = new RunCount(this.#query, temporal);
  }

  /** @throws Problem `backlog_full` */
  async admit(tenant: string): Promise<void> {
    if (await this.isFull(tenant)) {
      const { most } = this.share;
      throw new Problem(
        'backlog_full',
        `Expected fewer than ${most} analyses to be under way, of all clients together, before another one of yours is taken.`,
        { members: { max_backlog: most } },
      );
    }
    this.#all.admit();
    this.#of(tenant).admit();
  }

  /** Whether there is no room for another analysis of the tenant. */
  async isFull(tenant: string): Promise<boolean> {
    const [all, own] = await Promise.all([
      this.#all.current(),
      this.share.isShared ? this.#of(tenant).current() : 0,
    ]);
    return !this.share.hasPlace({ all, own });
  }

  #of(tenant: string): RunCount {
    const known = this.#own.get(tenant);
    if (known !== undefined) return known;
    const query = `${this.#query} AND ${searchAttributes.tenant.name}="${tenant}"`;
    const count = new RunCount(query, this.temporal);
    this.#own.set(tenant, count);
    return count;
  }
}
