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
  /** Part with an IPC channel tells that it is ready itself; for another this finds out. */
  readonly untilReady?: () => Promise<void>;
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

/** Starts a part in a process group of its own, so that Ctrl-C in the terminal reaches the supervisor alone. */
export function startPart(plan: PartPlan, onMessage: (message: PartMessage) => void): RunningPart {
  const speaks = plan.untilReady === undefined;
  const child = spawn(plan.command, [...plan.args], {
    env: { ...plan.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(speaks ? (['ipc'] as const) : [])],
    detached: true,
  });
  const ended = new Promise<PartEnd>((resolve) => {
    child.once('error', () => {
      resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message) => {
      if (!isPartMessage(message)) return;
      if (message.type === 'ready') resolve();
      onMessage(message);
    });
    void plan.untilReady?.().then(resolve, () => undefined);
  });
  return { process: child, ready, ended };
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
