import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../../libs/blobs/blob-store.js';
import type { Config } from '../../../../libs/platform/config/config.js';
import { mediaKey } from '../../../../workflows/contracts/blob-keys.js';
import type { FramesInput, MediaType } from '../../../../workflows/contracts/request.js';
import { BLOBS, CONFIG } from '../../tokens.js';
import { Problem } from '../../problems/problem.js';
import { storeFrame } from './frame-file.js';
import { MediaRoots } from './media-roots.js';
import { sampleFrameIndexes } from './sample-frames.js';

/** Frames that are read at once. */
const AT_ONCE = 4;

interface StoredFrame {
  readonly index: number;
  /** Null where the frame could not be read. */
  readonly sha256: string | null;
}

/** Takes frames that the client extracted itself, named as files on this machine. */
@Injectable()
export class FramesIntake {
  readonly #roots: MediaRoots;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(BLOBS) private readonly blobs: BlobStore,
  ) {
    this.#roots = new MediaRoots(config.media.roots);
  }

  /**
   * Copies the frames to analyse into the blob store: of an IMAGE the first, of a VIDEO an even sample.
   *
   * @param files the client's list, not empty
   * @throws Problem `frame_outside_media_roots`, `frame_too_large` or `frames_unreadable`
   */
  async take(files: readonly string[], mediaType: MediaType, tenant: string): Promise<FramesInput> {
    const indexes = mediaType === 'IMAGE' ? [0] : sampleFrameIndexes(files.length);
    const paths = await Promise.all(indexes.map((index) => this.#resolve(files, index, tenant)));
    const stored: StoredFrame[] = [];
    for (let from = 0; from < paths.length; from += AT_ONCE) {
      const batch = paths.slice(from, from + AT_ONCE);
      stored.push(...(await Promise.all(batch.map((frame) => this.#store(frame)))));
    }
    if (stored.every(({ sha256 }) => sha256 === null)) {
      throw new Problem(
        'frames_unreadable',
        `Expected at least one frame that can be read, got ${stored.length} that can't.`,
      );
    }
    return {
      kind: 'frames',
      sha256: sha256OfFrames(stored),
      total: files.length,
      frames: stored.map(({ index, sha256 }) => ({
        index,
        key: sha256 === null ? null : mediaKey(sha256),
      })),
    };
  }

  async #resolve(
    files: readonly string[],
    index: number,
    tenant: string,
  ): Promise<{ readonly index: number; readonly file: string }> {
    const file = await this.#roots.resolve(files[index] ?? '', tenant);
    if (file !== null) return { index, file };
    const reason = this.#roots.isEmpty
      ? 'MEDIA_ROOTS is not set, so this server reads no files for its clients. The operator sets it to the folders that may be read.'
      : `Expected absolute paths of files below the folders of MEDIA_ROOTS, got another in extractedFrames[${index}].`;
    throw new Problem('frame_outside_media_roots', reason, { members: { index } });
  }

  async #store({ index, file }: { index: number; file: string }): Promise<StoredFrame> {
    return { index, sha256: await storeFrame(this.blobs, file, index) };
  }
}

/**
 * What identifies a list of frames: the SHA-256 over a line `index:sha256` for each, with `-` in place of the hash of one
 * that can't be read, as that changes the result too.
 */
export function sha256OfFrames(frames: readonly StoredFrame[]): string {
  const lines = frames.map(({ index, sha256 }) => `${index}:${sha256 ?? '-'}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
