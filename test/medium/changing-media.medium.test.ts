import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, open, readFile, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachOfLocalMedium, withLocalMedium } from '../../apps/worker/activities/local-blob.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { sampleFrames } from '../../libs/media/decode-video.js';
import { decodePicture } from '../../libs/media/picture.js';
import { probeMedia, type MediaProbe } from '../../libs/media/probe.js';
import { mediaKey } from '../../workflows/contracts/blob-keys.js';
import { ffmpeg } from './media-coded-video.js';
import { childrenNamed } from './media-processes.js';

/** What another process may do to a file while it is read. */
const CHANGES: Record<string, (file: string) => Promise<void>> = {
  'shrinks to a half': async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'shrinks to nothing': (file) => truncate(file, 0),
  grows: (file) => appendFile(file, Buffer.alloc(100_000, 7)),
  'grows by itself, once more': async (file) => appendFile(file, await readFile(file)),
  'is overwritten in place, its time set back': async (file) => {
    const { size, atime, mtime } = await stat(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(Math.floor(size / 2), 7), 0, undefined, Math.floor(size / 2));
    await handle.close();
    await utimes(file, atime, new Date(mtime.getTime() - 1000));
  },
};
const VIDEOS = ['index-first.mp4', 'index-last.mp4', 'video.mkv', 'video.ts', 'video.avi'];
const SAMPLES = 40;
/** A moment's work; beyond it something hangs. */
const SOON_MS = 20_000;
const GONE = { type: 'media_gone', nonRetryable: true };

describe('media that change while they are read', () => {
  let folder: string;
  let blobs: FolderStore;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'changing-'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    // Noise can't be compressed away: ffmpeg has read a small part of it when the first frame is out.
    const source = 'nullsrc=s=640x360:r=25:d=4,geq=random(1)*255:128:128';
    const [first = '', ...others] = VIDEOS.map((name) => path.join(folder, name));
    const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-movflags', '+faststart'];
    ffmpeg(['-f', 'lavfi', '-i', source, ...x264, first]);
    for (const other of others) ffmpeg(['-i', first, '-c', 'copy', other]);
    ffmpeg(['-i', first, '-frames:v', '1', path.join(folder, 'still.jpg')]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Stores a file, as another medium each time where it can have something behind it. */
  async function stored(name: string): Promise<string> {
    const file = path.join(folder, name);
    count += 1;
    const bytes = Buffer.concat([await readFile(file), Buffer.from(`${count}`)]);
    const { sha256 } = await blobs.putByHash(Readable.from([bytes]), mediaKey);
    return mediaKey(sha256);
  }
  const changed = async (key: string, how: string) =>
    CHANGES[how]?.((await blobs.local(key))?.path ?? '');

  /** Reads ten frames a second, and has the file changed once the first is there. */
  async function readWhile(key: string, probe: MediaProbe, change: () => Promise<void>) {
    const seconds: number[] = [];
    const times = Array.from({ length: SAMPLES }, (_, i) => i / 10);
    const request = { startSeconds: 0, endSeconds: 4, times };
    for await (const frame of eachOfLocalMedium(blobs, key, (file) =>
      sampleFrames(file, request, { probe }),
    )) {
      if (seconds.length === 0) await change();
      seconds.push(frame.seconds);
    }
    return seconds;
  }

  it('are read as they are when nothing changes', async () => {
    const key = await stored('index-first.mp4');
    const probe = await withLocalMedium(blobs, key, probeMedia);
    expect(await readWhile(key, probe, () => Promise.resolve())).toHaveLength(SAMPLES);
  });

  it.each(VIDEOS.flatMap((name) => Object.keys(CHANGES).map((how) => [name, how] as const)))(
    'are gone, whatever could be read: %s %s',
    async (name, how) => {
      const key = await stored(name);
      const probe = await withLocalMedium(blobs, key, (file) => probeMedia(file));
      const reading = readWhile(key, probe, () => changed(key, how));
      await expect(reading).rejects.toMatchObject(GONE);
      expect(childrenNamed('ffmpeg')).toEqual([]);
    },
    SOON_MS,
  );

  it.each(Object.keys(CHANGES))(
    'are gone when they are probed or are a picture, too: %s',
    async (how) => {
      for (const read of [probeMedia, decodePicture]) {
        const key = await stored('still.jpg');
        const reading = withLocalMedium(blobs, key, async (file) => {
          const [result] = await Promise.all([read(file), changed(key, how)]);
          return result;
        });
        await expect(reading).rejects.toMatchObject(GONE);
      }
    },
    SOON_MS,
  );

  it('are good again when they are sent again', async () => {
    const file = path.join(folder, 'still.jpg');
    const put = async () => (await blobs.putByHash(createReadStream(file), mediaKey)).sha256;
    const key = mediaKey(await put());
    await changed(key, 'grows');
    expect(await blobs.local(key)).toBeNull();
    expect(mediaKey(await put())).toBe(key);
    expect(await withLocalMedium(blobs, key, decodePicture)).toMatchObject({ width: 640 });
  });
});
