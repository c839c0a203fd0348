import { spawn, type ChildProcess } from 'node:child_process';
import type { PartMessage } from '../../../libs/platform/parent-channel.js';

/** How to start a part and know that it is ready. */
export interface PartPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its output is kept for when it dies and not shown. */
  readonly isQuiet?: boolean;
  /** A part with an IPC channel tells itself that it is ready; for another this finds out. One that never is gets killed. */
  readonly untilReady?: () => Promise<void>;
  /** Told the process ID at each start. */
  readonly onStart?: (pid: number) => void;
}

/** How a part ended. */
export interface PartEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One running child process. */
export interface RunningPart {
  readonly process: ChildProcess;
  /** Resolves when it can do its work. Never rejects: a part that ends before is told by `ended`. */
  readonly ready: Promise<void>;
  readonly ended: Promise<PartEnd>;
}

/** How long what an ended part wrote last may be on its way: a process it left behind could hold its output open. */
const LAST_WORDS_MS = 1_000;
/** Exit code of what could not be started, as shells have it. */
const NOT_STARTED = 127;

/** Starts a part in a process group of its own, so that Ctrl-C in the terminal reaches the supervisor alone. */
export function startPart(plan: PartPlan, onMessage: (message: PartMessage) => void): RunningPart {
  const speaks = plan.untilReady === undefined;
  const child = spawn(plan.command, [...plan.args], {
    env: { ...plan.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(speaks ? (['ipc'] as const) : [])],
    detached: true,
  });
  if (child.pid !== undefined) plan.onStart?.(child.pid);
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message) => {
      if (!isPartMessage(message)) return;
      if (message.type === 'ready') resolve();
      onMessage(message);
    });
    plan.untilReady?.().then(resolve, (error: Error) => {
      onMessage({ type: 'failed', code: 'not_ready', message: error.message });
      child.kill('SIGKILL');
    });
  });
  return { process: child, ready, ended: endOf(child, onMessage) };
}

/** Resolves once the process has ended and all it said has been read. */
async function endOf(
  child: ChildProcess,
  onMessage: (message: PartMessage) => void,
): Promise<PartEnd> {
  const closed = once(child, 'close');
  const disconnected = child.connected ? once(child, 'disconnect') : null;
  const end = await new Promise<PartEnd>((resolve) => {
    child.once('error', ({ message }) => {
      if (child.pid !== undefined) return;
      onMessage({ type: 'failed', code: 'not_started', message });
      resolve({ code: NOT_STARTED, signal: null });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  if (child.pid === undefined) return end;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => (timer = setTimeout(resolve, LAST_WORDS_MS)));
  await Promise.race([Promise.all([closed, disconnected]), limit]);
  clearTimeout(timer);
  return end;
}

function once(child: ChildProcess, event: 'close' | 'disconnect'): Promise<void> {
  return new Promise((resolve) => {
    child.once(event, () => {
      resolve();
    });
  });
}

function isPartMessage(message: unknown): message is PartMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    typeof message.type === 'string'
  );
}

/** Asks a part to end and, when it hasn't within `graceMs`, ends it. */
export async function stopPart(part: RunningPart, graceMs: number): Promise<void> {
  if (part.process.exitCode !== null || part.process.signalCode !== null) return;
  part.process.kill('SIGTERM');
  const force = setTimeout(() => part.process.kill('SIGKILL'), graceMs);
  await part.ended;
  clearTimeout(force);
}
