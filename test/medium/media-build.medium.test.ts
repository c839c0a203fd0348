import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startProcess } from '../support/processes.js';

describe('a media worker', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'media-build-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const startWith = (ffmpeg: string) =>
    startProcess('media', {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: 'media-build-',
      env: { FFMPEG_PATH: ffmpeg },
    });

  it('does not start with an ffmpeg that lacks what it needs, and names all of it', async () => {
    const lacking = path.join(folder, 'ffmpeg');
    // As builds are that leave libraries out: all else is the real one's.
    await writeFile(lacking, `#!/bin/sh\nffmpeg "$@" | grep -v 'zscale\\|hevc\\|matroska'\n`);
    await chmod(lacking, 0o755);
    await expect(startWith(lacking)).rejects.toThrow(
      new RegExp(`^media ended \\(78\\)[^]*lacks filter zscale, demuxer matroska, decoder hevc: `),
    );
  });

  it('does not start without one that runs', async () => {
    const broken = path.join(folder, 'broken');
    await writeFile(broken, 'not a program');
    await chmod(broken, 0o755);
    await expect(startWith(broken)).rejects.toThrow(/^media ended \(78\)[^]*could not be run/);
  });
});
