import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from './deployment.js';
import type { Attempt } from './activity-log.js';
import type { Fault, Way } from './fault-plan.js';

/** A clip that was just sent waits for its turn behind what is under way. */
const DECODER_LIMIT_MS = 60_000;
const LOOK_MS = 5;
const RECOVERY_LIMIT_MS = 120_000;

/** A fault that was done, and how long it took until the part worked again, counted from the first signal. */
export interface Struck extends Fault {
  /** ms since the epoch. */
  readonly at: number;
  /** Null when it did not work again within two minutes, or no decoder ran within one. */
  readonly recoveredMs: number | null;
  /** How long a picture took that was sent with the first signal. */
  readonly answeredMs: number;
}

/**
 * Does one fault and waits until the part works again:
 * the Temporal server, the S3 server and the API when they answer, anew where they ended; a worker when it has finished an activity that it
 * began after the first signal; a decoder when the extraction that it was interrupted in is done.
 *
 * @param probe sends a picture; resolves with the milliseconds until its answer
 */
export async function strike(
  deployment: Deployment,
  fault: Fault,
  probe: () => Promise<number>,
): Promise<Struck> {
  const hit = await firstSignal(deployment, fault);
  if (hit === null)
    return { ...fault, at: Date.now(), recoveredMs: null, answeredMs: await probe() };
  const { pid, at } = hit;
  const done = laterSignals(pid, fault);
  const answered = probe();
  const recovered = untilWorking(deployment, fault, pid, at).then(
    () => Date.now() - at,
    () => null,
  );
  await done;
  return { ...fault, at, recoveredMs: await recovered, answeredMs: await answered };
}

type Step = NodeJS.Signals | 'wait';

const STEPS: Readonly<Record<Way, readonly [NodeJS.Signals, ...Step[]]>> = {
  kill: ['SIGKILL'],
  terminate: ['SIGTERM'],
  'stop-and-kill': ['SIGSTOP', 'wait', 'SIGKILL'],
  'stop-and-continue': ['SIGSTOP', 'wait', 'SIGCONT'],
};

/** Null when no decoder ran for a long while. A part that is being started again is waited for. */
async function firstSignal(
  { supervisor }: Deployment,
  { target, way }: Fault,
): Promise<{ readonly pid: number; readonly at: number } | null> {
  const [first] = STEPS[way];
  for (const deadline = Date.now() + DECODER_LIMIT_MS; ;) {
    const part = supervisor.pidOf(target === 'ffmpeg' ? 'media' : target);
    const pid = target === 'ffmpeg' && part !== undefined ? decoderOf(part) : (part ?? null);
    const at = Date.now();
    // One that has just ended by itself is not hit: then it is the next one's turn.
    if (pid !== null && send(pid, first)) return { pid, at };
    if (at > deadline) return null;
    await sleep(LOOK_MS);
  }
}

async function laterSignals(pid: number, { way, stopMs }: Fault): Promise<void> {
  const [, ...later] = STEPS[way];
  for (const step of later) {
    if (step === 'wait') await sleep(stopMs);
    else send(pid, step);
  }
}

/** @returns false when there is no such process any more */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

async function untilWorking(
  deployment: Deployment,
  { target, way }: Fault,
  pid: number,
  at: number,
): Promise<void> {
  const signal = AbortSignal.timeout(RECOVERY_LIMIT_MS);
  const { log, supervisor } = deployment;
  const isContinued = way === 'stop-and-continue';
  if (target === 'ffmpeg') {
    if (isContinued) await until(() => !existsSync(`/proc/${pid}`), signal);
    else await log.first((attempt) => wasInterrupted(attempt, at), signal);
    return;
  }
  if (target === 'media' || target === 'inference') {
    await log.first(({ part, startedAt }) => part === target && startedAt > at, signal);
    return;
  }
  if (!isContinued) await until(() => ![pid, undefined].includes(supervisor.pidOf(target)), signal);
  if (target === 'temporal') await deployment.untilServerAnswers(RECOVERY_LIMIT_MS);
  else if (target === 's3') await deployment.s3?.untilTakesObjects(signal);
  else await deployment.untilAnswers('/health/live', signal);
}

/** One that a decoder works for, made again, or under way at that moment and done all the same. */
function wasInterrupted(
  { activityType, attempt, startedAt, endedAt }: Attempt,
  at: number,
): boolean {
  if (endedAt < at) return false;
  if (activityType !== 'extractFaces' && activityType !== 'probeMedia') return false;
  return startedAt > at ? attempt > 1 : attempt === 1;
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition()) await sleep(LOOK_MS, undefined, { signal });
}

function decoderOf(worker: number): number | null {
  try {
    const children = readFileSync(`/proc/${worker}/task/${worker}/children`, 'utf8');
    for (const child of children.trim().split(' ').filter(Boolean)) {
      const name = readFileSync(`/proc/${child}/comm`, 'utf8').trim();
      if (name === 'ffmpeg' || name === 'ffprobe') return Number(child);
    }
  } catch {
    // It ended while it was looked at.
  }
  return null;
}
