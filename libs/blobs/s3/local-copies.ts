import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { LocalBlob } from '../blob-store.js';

/** A copy that nobody uses is kept this long: a long video's next segment wants it again. */
const IDLE_MS = 5 * 60_000;

interface Copy {
  readonly file: string;
  readonly bytes: number;
  /** Resolves with whether the copy is good. */
  readonly fetched: Promise<boolean>;
  uses: number;
  idle?: NodeJS.Timeout;
}

/**
 * Copies of blobs as local files, each fetched once however many use it at a time. Those that nobody uses are kept for a
 * few minutes, as far as all copies together stay within `maxBytes`; those in use are never removed.
 */
export class LocalCopies {
  /** By identity; the one whose use ended last comes last. */
  readonly #copies = new Map<string, Copy>();

  private constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {}

  /** @param root folder for the copies of all processes of this machine */
  static async open(root: string, maxBytes: number): Promise<LocalCopies> {
    const folder = path.join(root, `${hostname()}-${process.pid}`);
    await mkdir(root, { recursive: true });
    await removeOfDeadProcesses(root);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    return new LocalCopies(folder, maxBytes);
  }

  /**
   * @param identity of the blob's content: another content has another one
   * @param fetch writes the file; resolves with whether it is good
   * @returns null where it is not
   */
  async use(
    identity: string,
    bytes: number,
    fetch: (file: string) => Promise<boolean>,
  ): Promise<LocalBlob | null> {
    const copy = this.#copies.get(identity) ?? this.#begin(identity, bytes, fetch);
    clearTimeout(copy.idle);
    copy.uses += 1;
    let isReleased = false;
    const release = async () => {
      if (isReleased) return;
      isReleased = true;
      await this.#endUse(identity, copy);
    };
    try {
      if (await copy.fetched) return { path: copy.file, release };
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    return null;
  }

  /** Removes all copies; none may be in use. */
  async close(): Promise<void> {
    for (const { idle } of this.#copies.values()) clearTimeout(idle);
    this.#copies.clear();
    await rm(this.folder, { recursive: true, force: true });
  }

  #begin(identity: string, bytes: number, fetch: (file: string) => Promise<boolean>): Copy {
    const file = path.join(this.folder, randomUUID());
    const fetched = this.#makeRoom(bytes).then(() => fetch(file));
    const copy: Copy = { file, bytes, fetched, uses: 0 };
    this.#copies.set(identity, copy);
    const forget = () => {
      // The next one who asks fetches anew.
      if (this.#copies.get(identity) === copy) this.#copies.delete(identity);
    };
    fetched.then((isGood) => {
      if (!isGood) forget();
    }, forget);
    return copy;
  }

  async #endUse(identity: string, copy: Copy): Promise<void> {
    copy.uses -= 1;
    if (copy.uses > 0) return;
    if (this.#copies.get(identity) !== copy) {
      await rm(copy.file, { force: true });
      return;
    }
    this.#copies.delete(identity);
    this.#copies.set(identity, copy);
    copy.idle = setTimeout(() => {
      this.#remove(identity, copy).catch(() => undefined);
    }, IDLE_MS);
    copy.idle.unref();
    await this.#makeRoom(0);
  }

  /** Removes copies that nobody uses, the longest unused first, until there is room for `bytes` more. */
  async #makeRoom(bytes: number): Promise<void> {
    const total = () => [...this.#copies.values()].reduce((sum, each) => sum + each.bytes, bytes);
    for (const [identity, copy] of [...this.#copies]) {
      if (total() <= this.maxBytes) return;
      if (copy.uses === 0 && copy.idle !== undefined) await this.#remove(identity, copy);
    }
  }

  async #remove(identity: string, copy: Copy): Promise<void> {
    if (copy.uses > 0 || this.#copies.get(identity) !== copy) return;
    clearTimeout(copy.idle);
    this.#copies.delete(identity);
    await rm(copy.file, { force: true });
  }
}

/** What processes of this machine have left that were killed. Of other machines' in the same folder nothing is known. */
async function removeOfDeadProcesses(root: string): Promise<void> {
  const own = `${hostname()}-`;
  for (const name of await readdir(root)) {
    const pid = name.startsWith(own) ? Number(name.slice(own.length)) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid))
      await rm(path.join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
