import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { peakMemory } from '../../bench/process-memory.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter } from '../support/start-analysis.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { makeVideo } from '../support/videos.js';

/** How much more memory ten minutes may take than one. */
const MOST = 1.3;

describe('memory of the media worker', () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'memory-'));
    server = await startTemporalServer();
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const peakFor = async (seconds: number): Promise<number> => {
    const prefix = `memory-${seconds}-`;
    const deployment = {
      temporalAddress: server.address,
      dataDir: folder,
      taskQueuePrefix: prefix,
    };
    const parts = await Promise.all([
      startProcess('media', deployment),
      startProcess('inference', deployment),
    ]);
    const blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const starter = await AnalysisStarter.connect(server.address, prefix, blobs);
    try {
      const analysis = await starter.startFile(
        await makeVideo(folder, { seconds, width: 1280, height: 720 }),
      );
      await analysis.result();
      return await peakMemory(parts[0].process.pid!);
    } finally {
      await starter.close();
      await stopProcesses(parts);
    }
  };

  it('is the same for ten minutes of 720p as for one', async () => {
    const one = await peakFor(60);
    const ten = await peakFor(600);
    console.log(
      `peak memory of the media worker: 1 min ${one} MB, 10 min ${ten} MB, ratio ${(ten / one).toFixed(2)}`,
    );
    expect(ten / one).toBeLessThanOrEqual(MOST);
  });
});
