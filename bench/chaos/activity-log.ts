import { EventEmitter, once } from 'node:events';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { LogLines } from '../../apps/standalone/supervisor/log-lines.js';

/** One attempt at an activity, as the worker that made it tells in its log. */
export interface Attempt {
  readonly part: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly activityType: string;
  readonly attempt: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** True when the output of an earlier attempt was found; undefined for activities that make no output of their own. */
  readonly reused: boolean | undefined;
}

interface LogEntry {
  readonly msg?: string;
  readonly time?: string;
  readonly durationMs?: number;
}

/** Takes the parts' logs in place of the terminal: keeps them in files, and what they tell of activities in memory. */
export class ActivityLog extends LogLines {
  readonly attempts: Attempt[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);

  constructor(private readonly folder: string) {
    super(process.stderr, false, 0);
  }

  override follow(
    part: string,
    stream: Readable,
    _isQuiet: boolean,
    onLine: (line: string) => void,
  ): void {
    createInterface({ input: stream }).on('line', (line) => {
      onLine(line);
      this.write(part, line);
      if (line.includes('"activity done"')) this.#note(part, line);
    });
  }

  override write(part: string, text: string): void {
    appendFileSync(path.join(this.folder, `${part}.log`), `${text}\n`);
  }

  #note(part: string, line: string): void {
    const entry = JSON.parse(line) as LogEntry & Attempt;
    const { workflowId, runId, activityId, activityType, attempt, reused } = entry;
    const endedAt = Date.parse(entry.time ?? '');
    const startedAt = endedAt - (entry.durationMs ?? 0);
    this.attempts.push({
      ...{ part, workflowId, runId, activityId, activityType, attempt },
      ...{ startedAt, endedAt, reused },
    });
    this.#news.emit('attempt');
  }

  /** Resolves with the first attempt that fits, among those there are and those to come. */
  async first(fits: (attempt: Attempt) => boolean, signal: AbortSignal): Promise<Attempt> {
    for (let seen = 0; ;) {
      for (; seen < this.attempts.length; seen += 1) {
        const attempt = this.attempts[seen];
        if (attempt !== undefined && fits(attempt)) return attempt;
      }
      await once(this.#news, 'attempt', { signal });
    }
  }

  /** Attempts that did again what was finished when they started. */
  doneAgain(): readonly Attempt[] {
    const finished = new Map<string, number>();
    const again: Attempt[] = [];
    for (const attempt of this.attempts.toSorted((a, b) => a.endedAt - b.endedAt)) {
      if (attempt.reused !== false) continue;
      const { workflowId, activityType, activityId } = attempt;
      const key = `${workflowId} ${activityType} ${activityId}`;
      const at = finished.get(key);
      if (at === undefined) finished.set(key, attempt.endedAt);
      else if (attempt.startedAt > at) again.push(attempt);
    }
    return again;
  }
}
