import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { startServer } from './temporal-server.js';
import { peakOf } from './video/memory.js';
import { makeVideo } from './video/videos.js';

/**
 * `node dist/bench/slot-memory.js`: what one more activity at once takes of a media worker's memory, its decoder included.
 * The estimate in `libs/platform/config/slots.ts` is from here.
 */
const SIZES = [
  { width: 1280, height: 720, frameRate: 10 },
  { width: 1920, height: 1080, frameRate: 10 },
  { width: 3840, height: 2160, frameRate: 10 },
];
/** Four segments. */
const SECONDS = 240;
const AT_ONCE = [1, 2, 4];

const folder = await mkdtemp(path.join(tmpdir(), 'slot-memory-'));
const server = await startServer(path.join(folder, 'temporal.db'));
try {
  const table = new Table({
    head: ['video', ...AT_ONCE.map((count) => `${count} at once: peak MB`), 'MB a slot'],
    style: { head: [], border: [] },
  });
  for (const size of SIZES) {
    const file = await makeVideo(folder, size, { encoded: 10, seconds: SECONDS });
    const peaks: number[] = [];
    for (const segmentsInFlight of AT_ONCE) {
      // A folder for each: what is stored already would be found and not made again.
      const name = `${size.height}-${segmentsInFlight}`;
      const dataDir = path.join(folder, name);
      const plan = { temporalAddress: server.address, dataDir, segmentsInFlight };
      peaks.push((await peakOf(file, name, plan)).peakMb);
    }
    const [least = 0] = peaks;
    const slot = ((peaks.at(-1) ?? 0) - least) / ((AT_ONCE.at(-1) ?? 0) - 1);
    table.push([`${size.width}x${size.height}`, ...peaks, Math.round(slot)]);
  }
  console.log(table.toString());
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
process.exit();
