import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { FaceDetectionPool } from '../../libs/faces/detection-pool.js';
import { startServer } from '../temporal-server.js';
import { peakOf } from './memory.js';
import { measureThroughput, type Throughput } from './throughput.js';
import { makeVideo } from './videos.js';

/**
 * `npm run bench:video`: how fast video is read by each policy, against ffmpeg that decodes all of it and does nothing
 * else, and how much memory a minute takes, and hours. What counts are ratios within one run. `720p`, `1080p`, `memory`
 * or several of them as arguments measure those alone.
 */
const SIZES = [
  ['720p', 1280, 720],
  ['1080p', 1920, 1080],
] as const;
const known = [...SIZES.map(([name]) => name), 'memory'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;
const strange = wanted.filter((name) => !known.includes(name));
if (strange.length > 0)
  throw new Error(`expected ${known.join(', ')} or nothing, got ${strange.join(', ')}`);
const ROUNDS = 3;
const SECONDS = 120;
const DURATIONS = [60, 600, 7200];

const style = { head: [], border: [] };
const folder = await mkdtemp(path.join(tmpdir(), 'bench-video-'));
const results: Record<string, unknown> = {
  machine: {
    ...{ cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version },
    loadBefore: loadavg().map((load) => Math.round(load * 10) / 10),
  },
};
try {
  const sizes = SIZES.filter(([name]) => wanted.includes(name));
  if (sizes.length > 0) results.throughput = await throughput(sizes);
  if (wanted.includes('memory')) results.memory = await memory();
} finally {
  await rm(folder, { recursive: true, force: true });
}
const out = fileURLToPath(new URL('../../../bench/results/', import.meta.url));
await mkdir(out, { recursive: true });
const file = path.join(out, `video-${new Date().toISOString().replaceAll(':', '-')}.json`);
await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(`written to ${file}`);

async function throughput(
  sizes: readonly (typeof SIZES)[number][],
): Promise<Record<string, Throughput>> {
  const threads = Math.min(4, availableParallelism());
  const detection = await FaceDetectionPool.create({ threads });
  const measured: Record<string, Throughput> = {};
  try {
    for (const [name, width, height] of sizes) {
      console.log(`${name}: making a video …`);
      const size = { width, height, frameRate: 25 };
      const file = await makeVideo(folder, size, { encoded: 30, seconds: SECONDS });
      const found = await measureThroughput(file, detection, ROUNDS);
      measured[name] = found;
      const head = ['frames', 'decoding', 'of plain', 'with faces and crops', 'of plain'];
      const table = new Table({ head: [`${name}, video s per s`, ...head], style });
      table.push(['plain ffmpeg -f null', SECONDS * 25, found.plain, 1, '', '']);
      for (const { policy, frames, ...row } of found.policies)
        table.push([
          ...[policy, frames, row.decode, row.decodeRatio, row.withFaces, row.withFacesRatio],
        ]);
      console.log(table.toString());
    }
  } finally {
    await detection.close();
  }
  return measured;
}

async function memory(): Promise<readonly unknown[]> {
  const server = await startServer(path.join(folder, 'temporal.db'));
  const rows: { seconds: number; peakMb: number; ratio: number; tookSeconds: number }[] = [];
  try {
    for (const seconds of DURATIONS) {
      const size = { width: 1280, height: 720, frameRate: 5 };
      const file = await makeVideo(folder, size, { encoded: 60, seconds });
      const found = await peakOf(file, String(seconds), {
        temporalAddress: server.address,
        dataDir: folder,
      });
      const first = rows[0]?.peakMb ?? found.peakMb;
      const ratio = Math.round((found.peakMb / first) * 100) / 100;
      rows.push({ seconds, peakMb: found.peakMb, ratio, tookSeconds: found.seconds });
      console.log(`${seconds} s of 720p: ${found.peakMb} MB at most, ${ratio} times the first`);
    }
  } finally {
    await server.stop();
  }
  const table = new Table({
    head: ['video s', 'media worker and decoders, peak MB', 'times the first', 'took s'],
    style,
  });
  for (const row of rows) table.push(Object.values(row));
  console.log(table.toString());
  return rows;
}
