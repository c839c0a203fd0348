import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Piscina } from 'piscina';
import { turnOffRuntimeTelemetry } from '../platform/config/runtime-telemetry.js';
import { workerEntry } from '../platform/worker-entry.js';
import { isObject } from './json-file.js';
import { machineKey } from './machine-key.js';
import type { SessionPlan } from './session.js';

/** Files of a packed model. */
export interface Packed {
  readonly folder: string;
  /** Logits of the picture that sessions warm up with: other weights would give others. */
  readonly answer: readonly number[];
}

const ANSWER = 'answer.json';
const UNFINISHED = '.unfinished';
const HOUR_MS = 3_600_000;

/**
 * A model's weights as this machine's kernels read them, made once and then mapped by all threads and processes: as fast
 * as a copy for each session, without the copies.
 */
export class PackedFiles {
  private constructor(private readonly folder: string) {}

  /** @param fingerprint of the model @param cacheDir folder of everything that is made of models */
  static async of(fingerprint: string, cacheDir: string): Promise<PackedFiles> {
    return new PackedFiles(path.join(cacheDir, `${fingerprint}.${await machineKey()}.packed`));
  }

  /** What was made before; null where nothing was, or nothing that can be read. */
  async open(): Promise<Packed | null> {
    try {
      const json: unknown = JSON.parse(await readFile(path.join(this.folder, ANSWER), 'utf8'));
      const logits = isObject(json) ? json.logits : null;
      if (!Array.isArray(logits) || !logits.every((value) => typeof value === 'number'))
        return null;
      return { folder: this.folder, answer: logits };
    } catch {
      return null;
    }
  }

  /**
   * Several processes may make them at once: each in a folder of its own, and the first one's stay.
   * @throws Error when they can't be written or can't answer
   */
  async make(plan: SessionPlan): Promise<Packed> {
    await this.#removeUnfinished();
    const own = `${this.folder}.${randomUUID()}${UNFINISHED}`;
    await mkdir(own, { recursive: true });
    try {
      const logits = await pack(plan, own);
      await writeFile(path.join(own, ANSWER), JSON.stringify({ logits }));
      // Without a readable answer it would stay in the way for ever.
      if ((await this.open()) === null) await this.remove();
      await rename(own, this.folder).catch(async (error: unknown) => {
        if ((await this.open()) === null) throw error;
      });
    } finally {
      await rm(own, { recursive: true, force: true });
    }
    const made = await this.open();
    if (made === null) throw new Error(`expected ${this.folder}, which was just written`);
    return made;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of processes that were killed. */
  async #removeUnfinished(): Promise<void> {
    const parent = path.dirname(this.folder);
    for (const name of await readdir(parent).catch(() => [])) {
      if (!name.endsWith(UNFINISHED)) continue;
      const folder = path.join(parent, name);
      const made = await stat(folder).catch(() => null);
      if (made !== null && Date.now() - made.mtimeMs > HOUR_MS)
        await rm(folder, { recursive: true, force: true });
    }
  }
}

/** In a thread: it takes seconds in which this one could do nothing else. */
async function pack(plan: SessionPlan, folder: string): Promise<readonly number[]> {
  turnOffRuntimeTelemetry();
  const thread = new Piscina<{ plan: SessionPlan; folder: string }, Float32Array>({
    filename: workerEntry(import.meta.url, './pack-thread.js'),
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
  });
  try {
    return Array.from(await thread.run({ plan, folder }));
  } finally {
    await thread.close();
  }
}
