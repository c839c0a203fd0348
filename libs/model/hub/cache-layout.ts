import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from '../model-error.js';
import { filesIn } from '../model-files.js';

const COMMIT_HASH = /^[0-9a-f]{40}$/;
const MODEL_ID = /^[\w.-]+\/[\w.-]+$/;
const REVISION = /^[\w.-]+(\/[\w.-]+)*$/;

/**
 * One model's part of the cache that the Hugging Face tools share, in any language:
 * `models--owner--name/{refs/<branch>, snapshots/<commit>/<file> → ../../blobs/<hash>}`.
 */
export class RepoCache {
  readonly folder: string;

  /** @throws ModelError when the names could lead out of the cache */
  constructor(
    private readonly cacheDir: string,
    modelId: string,
    private readonly revision: string,
  ) {
    const isSafe = ![...modelId.split('/'), ...revision.split('/')].some((part) =>
      /^\.+$/.test(part),
    );
    if (!MODEL_ID.test(modelId) || !REVISION.test(revision) || !isSafe) {
      throw new ModelError(
        'model_not_found',
        `expected MODEL_ID as owner/name and MODEL_REVISION as a branch, tag or commit, got "${modelId}" and "${revision}".`,
      );
    }
    this.folder = path.join(cacheDir, `models--${modelId.replace('/', '--')}`);
  }

  /** The revision's commit, as far as the cache knows it. */
  async commit(): Promise<string | null> {
    if (COMMIT_HASH.test(this.revision)) return this.revision;
    const text = await readFile(this.#ref, 'utf8').catch(() => null);
    const commit = text?.trim() ?? '';
    return COMMIT_HASH.test(commit) ? commit : null;
  }

  get isPinned(): boolean {
    return COMMIT_HASH.test(this.revision);
  }

  snapshot(commit: string): string {
    return path.join(this.folder, 'snapshots', commit);
  }

  blob(hash: string): string {
    return path.join(this.folder, 'blobs', hash);
  }

  /** The file that stands for the right to download a blob; where huggingface_hub has it. */
  lock(hash: string): string {
    return path.join(this.cacheDir, '.locks', path.basename(this.folder), `${hash}.lock`);
  }

  /** The snapshot's folder if it holds all of the model's files. */
  async completeSnapshot(commit: string | null): Promise<string | null> {
    if (commit === null) return null;
    const folder = this.snapshot(commit);
    return (await filesIn(folder)).missing.length === 0 ? folder : null;
  }

  /** Remembers which commit a branch or tag means. */
  async rememberCommit(commit: string): Promise<void> {
    if (this.isPinned || (await this.commit()) === commit) return;
    await mkdir(path.dirname(this.#ref), { recursive: true });
    await replaceFile(this.#ref, (temporary) => writeFile(temporary, commit));
  }

  /** Makes a finished blob appear under its name in the snapshot. */
  async link(commit: string, name: string, hash: string): Promise<void> {
    const target = path.join(this.snapshot(commit), name);
    const folder = path.dirname(target);
    await mkdir(folder, { recursive: true });
    await replaceFile(target, async (temporary) => {
      try {
        await symlink(path.relative(folder, this.blob(hash)), temporary);
      } catch {
        // Where links need a privilege (Windows), the tools of this cache keep a copy.
        await copyFile(this.blob(hash), temporary);
      }
    });
  }

  get #ref(): string {
    return path.join(this.folder, 'refs', this.revision);
  }
}

/** Readers see the old file or the new one, never a part. */
async function replaceFile(
  target: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${target}.${randomUUID()}`;
  await write(temporary);
  await rename(temporary, target);
}
