import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Processes that have to do with a folder: by their environment, command line, working folder or open files. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => usesFolder(pid, folder))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

function usesFolder(pid: string, folder: string): boolean {
  // A zombie has none of these; it is its parent's to reap.
  if (['environ', 'cmdline'].some((file) => read(`/proc/${pid}/${file}`).includes(folder)))
    return true;
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`);
    return [`/proc/${pid}/cwd`, ...links].some((link) => target(link).startsWith(folder));
  } catch {
    return false;
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** What is left of unfinished writes: in the store, and in the parts' folder for temporary files. */
export async function temporaryFiles(folder: string): Promise<readonly string[]> {
  const places = [path.join(folder, 'tmp'), path.join(folder, 'data/blobs/.incoming')];
  const found = await Promise.all(
    places.map(async (place) =>
      (await readdir(place).catch(() => [])).map((name) => path.join(place, name)),
    ),
  );
  return found.flat();
}
