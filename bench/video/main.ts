import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { FaceDetectionPool } from '../../libs/faces/detection-pool.js';
import { startServer } from '../temporal-server.js';
import { peakOf } from './memory.js';
import { measureThroughput, POLICY_NAMES, type Throughput } from './throughput.js';
import { makeVideo } from './videos.js';

/**
 * `npm run bench:video`: how fast video is read by each policy, against ffmpeg that decodes all of it and does nothing
 * else, and how much memory a minute takes, and hours. What counts are ratios within one run. `720p`, `1080p` and
 * `memory` as arguments measure those alone, names of policies beside them only these.
 */
const SIZES = [
  ['720p', 1280, 720],
  ['1080p', 1920, 1080],
] as const;
const parts = [...SIZES.map(([name]) => name), 'memory'];
const named = process.argv.slice(2);
const strange = named.filter((name) => ![...parts, ...POLICY_NAMES].includes(name));
if (strange.length > 0) {
  const known = [...parts, ...POLICY_NAMES].join(', ');
  throw new Error(`expected ${known} or nothing, got ${strange.join(', ')}`);
}
const chosenOf = (all: readonly string[]) => {
  const chosen = all.filter((name) => named.includes(name));
  return chosen.length > 0 ? chosen : all;
};
const wanted = chosenOf(parts);
const ROUNDS = 3;
const SECONDS = 120;
/** A minute is one segment; of longer videos two are under way at once, as of two analyses of a minute. */
const VIDEOS = [
  { seconds: 60, atOnce: 1 },
  { seconds: 60, atOnce: 2 },
  { seconds: 600, atOnce: 1 },
  { seconds: 7200, atOnce: 1 },
];

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
      const found = await measureThroughput(file, detection, ROUNDS, chosenOf(POLICY_NAMES));
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
  const measured: { seconds: number; atOnce: number; peakMb: number; tookSeconds: number }[] = [];
  try {
    for (const { seconds, atOnce } of VIDEOS) {
      const size = { width: 1280, height: 720, frameRate: 5 };
      const file = await makeVideo(folder, size, { encoded: 60, seconds });
      const { peakMb, seconds: tookSeconds } = await peakOf(file, `${seconds}-${atOnce}`, {
        ...{ temporalAddress: server.address, dataDir: folder, atOnce },
      });
      measured.push({ seconds, atOnce, peakMb, tookSeconds });
      console.log(`${atOnce} of ${seconds} s of 720p: ${peakMb} MB at most`);
    }
  } finally {
    await server.stop();
  }
  const times = (peakMb: number, row: number) =>
    Math.round((100 * peakMb) / (measured[row]?.peakMb ?? NaN)) / 100;
  const rows = measured.map(({ peakMb, ...row }) => ({
    ...{ ...row, peakMb, timesOneMinute: times(peakMb, 0), timesTwoAtOnce: times(peakMb, 1) },
  }));
  const head = ['video s', 'analyses at once', 'took s', 'media worker and decoders, peak MB'];
  const table = new Table({ head: [...head, 'times a minute', 'times two at once'], style });
  for (const row of rows) table.push(Object.values(row));
  console.log(table.toString());
  return rows;
}
