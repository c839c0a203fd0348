import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { Deployment } from '../chaos/deployment.js';
import { percentiles } from '../percentiles.js';
import { makeVideo } from '../video/videos.js';
import { cancelRounds, type Round, type Way } from './rounds.js';

/** `npm run bench:cancel`: how long after a cancel the work has ended and the workers are free. */
const MOST_MS = 1_000;
const SIZE = { width: 1280, height: 720, frameRate: 25 };
const KEY = 'cancel-bench-key-of-tenant';

const program = new Command('bench:cancel')
  .description('Cancels long videos in the middle, by the API and by Temporal, and measures.')
  .option(
    '--rounds <count>',
    'cancels, in the two ways by turns',
    (text) => {
      const value = Number(text);
      if (Number.isInteger(value) && value >= 2) return value;
      throw new InvalidArgumentError('expected a whole number from 2');
    },
    20,
  )
  .parse();
const { rounds: count } = program.opts<{ rounds: number }>();

const folder = await mkdtemp(path.join(tmpdir(), 'bench-cancel-'));
const video = await makeVideo(folder, SIZE, { encoded: 20, seconds: 600 });
// One slot for long media, whatever the machine: who comes next gets it only once it is free.
const env = { API_KEYS: `bench:${KEY}`, MEDIA_SLOTS: '3' };
const deployment = await Deployment.start({ folder: path.join(folder, 'service'), env });
const connection = await Connection.connect({ address: deployment.temporalAddress });
const rounds = await measure().finally(async () => {
  await connection.close();
  await deployment.stop();
  await rm(folder, { recursive: true, force: true });
});

const table = new Table({
  head: ['ms from the cancel', 'cancels', 'p50', 'p95', 'longest'],
  style: { head: [], border: [] },
});
const show = (name: string, times: readonly number[]) => {
  const { p50, p95 } = percentiles(times);
  table.push([name, times.length, ...[p50, p95, Math.max(...times)].map(Math.round)]);
};
const NAMES: Readonly<Record<Way, string>> = { api: 'API', temporal: 'Temporal' };
for (const way of ['api', 'temporal'] as const) {
  const of = rounds.filter((round) => round.way === way);
  show(
    `${NAMES[way]}: until no decoder lives`,
    of.map(({ decodersGone }) => decodersGone),
  );
  show(
    `${NAMES[way]}: until it is cancelled`,
    of.map(({ cancelled }) => cancelled),
  );
}
show(
  'the next one: its first segment waits for a slot',
  rounds.map(({ nextWaited }) => nextWaited),
);
console.log(table.toString());
const longest = Math.max(...rounds.flatMap((r) => [r.decodersGone, r.cancelled, r.nextWaited]));
console.log(`longest of all: ${Math.round(longest)} ms (at most ${MOST_MS})`);
process.exit(longest <= MOST_MS ? 0 : 1);

async function measure(): Promise<readonly Round[]> {
  const mediaPid = deployment.supervisor.pidOf('media');
  if (mediaPid === undefined) throw new Error('expected a media worker');
  const client = { url: deployment.url, tenant: 'bench', key: KEY };
  return await cancelRounds(
    { client, temporal: new Client({ connection }), mediaPid },
    video,
    count,
  );
}
