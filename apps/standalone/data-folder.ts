import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, markOf, parseMark } from '../../libs/platform/process-mark.js';

export const LOCK_FILE = 'supervisor.pid';
const ATTEMPTS = 20;
const CLAIM_PAUSE_MS = 20;

export interface FolderLock {
  /** Who had it before ended without freeing it. */
  readonly wasStale: boolean;
  release(): Promise<void>;
}

/**
 * Keeps a data folder to one supervisor, however that one ends: a lock whose process is gone is taken over.
 *
 * @throws Error naming the process that has it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, LOCK_FILE);
  const mine = `${file}.${randomUUID()}`;
  let wasStale = false;
  await writeFile(mine, JSON.stringify(markOf(process.pid)));
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // A link appears whole or not at all, so that nobody reads a lock that is half written.
      if (await linked(mine, file)) return { wasStale, release: () => rm(file, { force: true }) };
      const content = await readFile(file, 'utf8').catch(() => null);
      if (content === null) continue;
      const owner = parseMark(content);
      if (owner !== null && isRunning(owner)) {
        throw new Error(
          `expected ${folder} for this process alone, but process ${owner.pid} has it: stop that one, or set another DATA_DIR`,
        );
      }
      wasStale = true;
      await removeStale(file, content, mine);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new Error(`expected to lock ${folder}, but others keep taking it`);
}

/** Removes all that is in a locked folder, except the lock. */
export async function emptyFolder(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== LOCK_FILE);
  for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true });
}

/**
 * Removes a stale lock. Of several that find it only the one that holds the claim may, and only the very lock it looked at:
 * nobody can then take away the new lock of one that was quicker.
 */
async function removeStale(file: string, content: string, mine: string): Promise<void> {
  const claim = `${file}.takeover`;
  if (await linked(mine, claim)) {
    try {
      if ((await readFile(file, 'utf8').catch(() => null)) === content) await rm(file);
    } finally {
      await rm(claim, { force: true });
    }
    return;
  }
  const owner = parseMark(await readFile(claim, 'utf8').catch(() => ''));
  // Its owner died within the few lines above; a claim that is just gone is nobody's.
  if (owner !== null && !isRunning(owner)) await rm(claim, { force: true });
  await sleep(CLAIM_PAUSE_MS);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
