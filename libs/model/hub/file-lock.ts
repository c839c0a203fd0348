import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

const TELL_EVERY_MS = 1_000;

/**
 * Runs `work` while this process has the lock that a file stands for: `flock(2)`, as huggingface_hub takes it, so that
 * tools in Python are kept out as well. The kernel frees it however its owner ends.
 *
 * Node has no call for it, so the program `flock` of util-linux holds it, for as long as a pipe of this process is open.
 * Where there is none, or the file system has no such locks, `work` runs without: it must be right all the same.
 *
 * @param onWait told every second that another process has it
 * @throws the signal's reason once aborted
 */
export async function withFileLock<T>(
  file: string,
  { signal, onWait }: { readonly signal?: AbortSignal | undefined; readonly onWait: () => void },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const release = await acquire(file, signal, onWait);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(
  file: string,
  signal: AbortSignal | undefined,
  onWait: () => void,
): Promise<() => Promise<void>> {
  signal?.throwIfAborted();
  // In a process group of its own: Ctrl-C shall not free the lock before this process lets go.
  const holder = spawn('flock', [file, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    holder.once('error', () => resolve());
    holder.once('close', () => resolve());
  });
  // Written to a program that is not there, or that was told to stop.
  holder.stdin.on('error', () => undefined);
  // What `cat` gives back tells that it runs, and so that the lock is held.
  holder.stdin.write('\n');
  const waiting = setInterval(onWait, TELL_EVERY_MS);
  const stop = () => holder.kill();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([once(holder.stdout, 'data'), ended]);
  } finally {
    clearInterval(waiting);
    signal?.removeEventListener('abort', stop);
  }
  const release = async () => {
    holder.stdin.end();
    await ended;
  };
  if (signal?.aborted === true) {
    await release();
    throw signal.reason;
  }
  return release;
}
