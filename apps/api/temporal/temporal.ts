import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Config } from '../../../libs/platform/config/config.js';
import { temporalTarget } from '../../../libs/platform/temporal-connection.js';
import { Problem } from '../problems/problem.js';
import { isUnreachable } from './grpc-errors.js';

/** After an outage the next attempt to connect comes within this; gRPC's default grows to two minutes. */
const MAX_RECONNECT_MS = 2_000;

/**
 * The connection to Temporal. It is made by the first call and made anew by itself whenever it breaks, so the API
 * starts and answers without it.
 */
export class Temporal {
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(
    readonly client: Client,
    readonly connection: Connection,
    readonly namespace: string,
  ) {}

  static open(config: Config['temporal']): Temporal {
    const { connection: options, namespace } = temporalTarget(config);
    const connection = Connection.lazy({
      ...options,
      channelArgs: {
        'grpc.initial_reconnect_backoff_ms': 200,
        'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
      },
    });
    return new Temporal(new Client({ connection, namespace }), connection, namespace);
  }

  /**
   * Makes calls that must end soon.
   * @throws Problem `temporal_unavailable` when they don't, or nothing answers
   */
  async within<T>(milliseconds: number, calls: () => Promise<T>): Promise<T> {
    const done = new AbortController();
    try {
      return await Promise.race([
        this.until(Date.now() + milliseconds, calls),
        // The client pauses between its attempts without a look at the deadline.
        late(milliseconds, done.signal),
      ]);
    } catch (error) {
      throw isUnreachable(error) ? temporalUnavailable(error) : error;
    } finally {
      done.abort();
    }
  }

  /**
   * Makes calls that fail at a deadline, or on a signal while one is under way.
   * @param deadline in ms since the epoch
   */
  until<T>(deadline: number, calls: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { connection } = this;
    const bounded = () => connection.withDeadline(deadline, calls);
    const made = signal === undefined ? bounded() : connection.withAbortSignal(signal, bounded);
    this.#underWay.add(made);
    const forget = () => this.#underWay.delete(made);
    made.then(forget, forget);
    return made;
  }

  /**
   * Closes the connection once no call is under way: one that wakes from a pause between its attempts on a closed
   * connection would end the process.
   */
  close(): void {
    void Promise.allSettled(this.#underWay).then(() => this.connection.close());
  }
}

export function temporalUnavailable(cause?: unknown): Problem {
  return new Problem('temporal_unavailable', 'The workflow service does not answer.', { cause });
}

async function late(milliseconds: number, signal: AbortSignal): Promise<never> {
  await sleep(milliseconds, undefined, { signal });
  throw temporalUnavailable();
}
