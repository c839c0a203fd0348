import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, markOf } from '../../platform/process-mark.js';
import { guarded } from './file-errors.js';

/*
 * The name of an unfinished file says which process writes it. One that is killed can't clean up; whoever opens the store
 * next on the same machine sees that the writer is gone, and need not wait until the file is old.
 */

const NAME = /^([0-9a-f]{16})\.(\d+)\.(\d+)\./;

/** Where process IDs mean the same: this start of this machine, and this container. Null where the system doesn't tell. */
function ownRealm(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const namespace = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(boot).update(namespace).digest('hex').slice(0, 16);
  } catch {
    return null;
  }
}

/** A new name in `folder` for a file that this process is going to write. */
export function temporaryFile(folder: string): string {
  const realm = ownRealm();
  const ticks = ticksOf(markOf(process.pid)?.started);
  const writer = realm === null || ticks === null ? '' : `${realm}.${process.pid}.${ticks}.`;
  return path.join(folder, `${writer}${randomUUID()}`);
}

/**
 * Removes what processes of this machine have left that run no more. Files of other machines and containers are left alone.
 * @returns how many
 */
export async function removeFilesOfTheDead(folder: string): Promise<number> {
  const realm = ownRealm();
  let removed = 0;
  for (const name of await guarded('read', () => readdir(folder))) {
    const [, where, pid, ticks] = NAME.exec(name) ?? [];
    if (where === undefined || where !== realm) continue;
    const mark = markOf(Number(pid));
    if (mark !== null && ticksOf(mark.started) === ticks && isRunning(mark)) continue;
    await guarded('delete', () => rm(path.join(folder, name), { force: true }));
    removed += 1;
  }
  return removed;
}

/** The second word of a Linux process's mark: ticks from the machine's start to its own. */
function ticksOf(started: string | undefined): string | null {
  const ticks = started?.split(' ')[1];
  return ticks === undefined || ticks === '' ? null : ticks;
}
