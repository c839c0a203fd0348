import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { projectRoot } from '../../apps/standalone/project-root.js';
import { runLoad } from './load.js';
import { faultsFound, ratioOf, reportText } from './report.js';

/** `npm run bench:load`: many requests at a time, and whether one tenant's flood is another one's trouble. */
const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number');
  return value;
};

const program = new Command('bench:load')
  .description(
    'Loads the real service, with the demo model, and holds its answers to those in peace.',
  )
  .option('--images <count>', 'pictures sent at the same moment', whole, 100)
  .option('--videos <count>', 'videos sent at the same moment', whole, 20)
  .option('--stream <count>', 'pictures of the steady stream; 0 = no look at fairness', whole, 30)
  .option('--every <ms>', 'pause between two of them', whole, 1500)
  .option('--flood-videos <count>', 'videos of ten minutes in the flood', whole, 6)
  .option('--flood-pictures <count>', 'pictures under way at a time in the flood', whole, 16)
  .option('--keep', 'keep the data and the logs')
  .parse();
const options = program.opts<{
  images: number;
  videos: number;
  stream: number;
  every: number;
  floodVideos: number;
  floodPictures: number;
  keep?: boolean;
}>();

const folder = await mkdtemp(path.join(tmpdir(), 'load-'));
console.log(`data and logs in ${folder}`);
const fairness =
  options.stream === 0
    ? null
    : {
        pictures: options.stream,
        everyMs: options.every,
        videos: options.floodVideos,
        picturesAtOnce: options.floodPictures,
      };
const { images, videos } = options;
const report = await runLoad({ folder, images, videos, fairness, onStep: console.log });
console.log(`\n${reportText(report)}`);
const file = path.join(
  projectRoot,
  'bench/results',
  `load-${new Date().toISOString().replaceAll(':', '-')}.json`,
);
await mkdir(path.dirname(file), { recursive: true });
const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
const bare = (sent: (typeof report)['burst']) =>
  sent.map(({ tenant, medium, milliseconds, failure, refusals }) => ({
    ...{ tenant, medium: medium.name, milliseconds: Math.round(milliseconds), failure, refusals },
  }));
const written = {
  machine,
  options,
  ratio: ratioOf(report),
  burst: bare(report.burst),
  alone: bare(report.alone),
  flooded: bare(report.flooded),
  flood: bare(report.flood),
  wrong: report.wrong,
};
await writeFile(file, `${JSON.stringify(written, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
const isClean = faultsFound(report).every(([, where]) => where.length === 0);
if (isClean && options.keep !== true) await rm(folder, { recursive: true });
// A connection of the last requests must not hold the terminal.
process.exit(isClean ? 0 : 1);
