import { readFile, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRunning, markOf, parseMark } from '../../../libs/platform/process-mark.js';

const FILE = 'temporal.pid';
const LIMIT_MS = 5_000;
const PAUSE_MS = 50;

/** Notes which server uses the data folder, for {@link stopLeftoverServer}. */
export function noteServer(dataDir: string, pid: number): void {
  writeFileSync(path.join(dataDir, FILE), JSON.stringify(markOf(pid)));
}

/**
 * Stops a server that outlived its supervisor: the supervisor was killed where the kernel can't tell its children. Two
 * servers must not share one database file.
 *
 * @returns the stopped server's process ID, null when there was none
 */
export async function stopLeftoverServer(dataDir: string): Promise<number | null> {
  const file = path.join(dataDir, FILE);
  const mark = parseMark(await readFile(file, 'utf8').catch(() => ''));
  if (mark === null || !isRunning(mark)) return null;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(mark.pid, signal);
    const deadline = Date.now() + LIMIT_MS;
    while (isRunning(mark) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (!isRunning(mark)) {
      await rm(file, { force: true });
      return mark.pid;
    }
  }
  throw new Error(
    `expected the Temporal server that an earlier start left behind (process ${mark.pid}) to end, but it goes on: end it by hand`,
  );
}
