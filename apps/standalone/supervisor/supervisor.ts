import { EXIT_CONFIGURATION } from '../../../libs/platform/parent-channel.js';
import type { LogLines } from './log-lines.js';
import { startPart, stopPart, type PartEnd, type PartPlan, type RunningPart } from './part.js';
import { Restarts } from './restarts.js';

/** Lines of a dead part's output that are repeated. */
const LAST_LINES = 5;

export interface SupervisorOptions {
  /** Parts in groups: the first is ready before the others start, all together. They are stopped group by group, last first. */
  readonly groups: readonly (readonly PartPlan[])[];
  readonly log: LogLines;
  /** Deaths of one part within a minute at which all is given up. */
  readonly mostDeaths: number;
  /** Time a part gets to end by itself. */
  readonly graceMs: number;
}

/** Why a supervisor gave up, and the exit code that says so. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Starts parts, restarts those that die, and stops them all in order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<string, RunningPart>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #stopping: Promise<void> | null = null;
  #giveUp: (reason: GaveUp) => void = () => undefined;

  /** Rejects with {@link GaveUp} when it makes no sense to go on; never resolves. */
  readonly gaveUp: Promise<never>;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.gaveUp = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject;
    });
    this.gaveUp.catch(() => undefined);
  }

  /** Resolves when every part is ready. @throws GaveUp */
  async start(): Promise<void> {
    const [first = [], ...others] = this.#options.groups;
    for (const group of [first, others.flat()]) {
      await Promise.race([Promise.all(group.map((plan) => this.#keepRunning(plan))), this.gaveUp]);
    }
  }

  /** The process ID of a part that runs now. */
  pidOf(name: string): number | undefined {
    return this.#running.get(name)?.process.pid;
  }

  /** Stops all parts, those that started last first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends all parts without waiting for them. */
  kill(): void {
    for (const { process } of this.#running.values()) process.kill('SIGKILL');
  }

  async #stopAll(): Promise<void> {
    for (const pause of this.#pauses) clearTimeout(pause);
    for (const group of this.#options.groups.toReversed()) {
      const parts = group.flatMap(({ name }) => this.#running.get(name) ?? []);
      await Promise.all(parts.map((part) => stopPart(part, this.#options.graceMs)));
    }
  }

  /** Starts a part, and again whenever it dies. Resolves when it is ready for the first time. */
  #keepRunning(plan: PartPlan): Promise<void> {
    const restarts = new Restarts(this.#options.mostDeaths);
    return new Promise((resolve) => {
      const launch = () => {
        const lastLines: string[] = [];
        let failure: string | null = null;
        const part = startPart(plan, (message) => {
          if (message.type === 'progress') this.#options.log.write(plan.name, message.message);
          if (message.type === 'failed') failure = message.message;
        });
        this.#running.set(plan.name, part);
        for (const stream of [part.process.stdout, part.process.stderr]) {
          if (stream === null) continue;
          this.#options.log.follow(plan.name, stream, plan.isQuiet === true, (line) => {
            lastLines.push(line);
            if (lastLines.length > LAST_LINES) lastLines.shift();
          });
        }
        void part.ready.then(resolve);
        void part.ended.then((end) => {
          this.#running.delete(plan.name);
          if (this.#stopping !== null) return;
          this.#afterDeath(plan, end, failure ?? lastLines.join('\n'), restarts, launch);
        });
      };
      launch();
    });
  }

  #afterDeath(
    plan: PartPlan,
    end: PartEnd,
    why: string,
    restarts: Restarts,
    launch: () => void,
  ): void {
    const { log, mostDeaths } = this.#options;
    const how =
      end.signal === null ? `with exit code ${end.code ?? 'unknown'}` : `by ${end.signal}`;
    if (end.code === EXIT_CONFIGURATION) {
      this.#giveUp(new GaveUp(why, EXIT_CONFIGURATION));
      return;
    }
    const pause = restarts.next(Date.now());
    if (pause === null) {
      const times = mostDeaths === 1 ? '' : `, ${mostDeaths} times within a minute`;
      this.#giveUp(new GaveUp(`${plan.name} ended ${how}${times}. Its last words:\n${why}`, 1));
      return;
    }
    log.write(plan.name, `ended ${how}; starting it again in ${pause / 1000} s`);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      launch();
    }, pause);
    this.#pauses.add(timer);
  }
}
