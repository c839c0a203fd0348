import { access, rename, rm } from 'node:fs/promises';
import type { ModelSource, ResolveOptions } from '../source.js';
import { PartialFile } from './partial-file.js';
import { patienceOf, type RemoteFile } from './remote-files.js';
import { Retries } from './retries.js';
import { beginTransfer } from './transfer.js';
import { WrongContentError } from './wrong-content.js';

/**
 * Downloads a file's content to `target`, which appears only when it is whole and its hash is right. What has arrived stays
 * in `<target>.incomplete` when it breaks off, however this process ends, and the next one goes on from there.
 * @throws Error when the hub can't be reached, breaks off too often or sends other bytes than it promised
 */
export async function download(
  source: ModelSource,
  commit: string,
  file: RemoteFile,
  target: string,
  options: ResolveOptions,
): Promise<void> {
  const partial = `${target}.incomplete`;
  for (;;) {
    const part = await PartialFile.open(partial, file, options.signal);
    const inheritedBytes = part.loadedBytes;
    try {
      await fill(part, source, commit, options);
      part.check();
      await part.sync();
      await part.close();
      await moveInPlace(partial, target);
      return;
    } catch (error) {
      await part.close().catch(() => undefined);
      const isWrong = error instanceof WrongContentError;
      if (isWrong || part.loadedBytes === 0) await rm(partial, { force: true });
      if (!isWrong || inheritedBytes === 0) throw error;
      options.onNotice?.(
        `The ${inheritedBytes} bytes of ${file.name} that an earlier download left were damaged; starting it again.`,
      );
    }
  }
}

async function fill(
  part: PartialFile,
  source: ModelSource,
  commit: string,
  options: ResolveOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  const { name, bytes } = part.file;
  const tell = () => onProgress?.({ file: name, loadedBytes: part.loadedBytes, totalBytes: bytes });
  const retries = new Retries(patienceOf(source, options));
  let validator: string | null = null;
  tell();
  while (!part.isWhole) {
    const before = part.loadedBytes;
    try {
      const transfer = await beginTransfer(source, commit, part.file, before, validator, signal);
      validator = transfer.validator;
      if (transfer.from < before) part.restart();
      for await (const chunk of transfer.chunks) {
        await part.append(chunk);
        tell();
      }
    } catch (error) {
      await retries.after(error, part.loadedBytes > before);
      continue;
    }
    if (!part.isWhole) throw part.wrong(`${part.loadedBytes} bytes`);
  }
}

/** Where there are no locks, another process may have been quicker with the same file. */
async function moveInPlace(partial: string, target: string): Promise<void> {
  try {
    await rename(partial, target);
  } catch (error) {
    if (!(await isThere(target))) throw error;
  }
}

export function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
