import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { projectRoot } from '../../apps/standalone/project-root.js';
import { whole } from '../whole-number.js';
import { plotSvg } from './plot.js';
import { faultsOf, reportText } from './report.js';
import { runSoak, type SoakOptions } from './soak.js';

/** `npm run soak`: thousands of analyses, and whether memory, descriptors, threads, processes or files are left of them. */
const MOST_SAMPLES = 60;

const program = new Command('soak')
  .description('Runs the service for thousands of analyses and tells whether it leaks.')
  .option('--analyses <count>', 'analyses to begin', whole(9), 1000)
  .option('--seed <number>', 'makes the same run again', whole(0), Date.now() % 1_000_000)
  .option('--every <count>', 'analyses between two samples', whole(1))
  .option('--keep', 'keep the data and the logs')
  .parse();
const { keep, analyses, seed, every } = program.opts<{
  analyses: number;
  seed: number;
  every?: number;
  keep?: boolean;
}>();

const folder = await mkdtemp(path.join(tmpdir(), 'soak-'));
console.log(`seed ${seed}, data and logs in ${folder}`);
const view = progressView(analyses);
try {
  const report = await runSoak({
    ...{ folder, seed, analyses },
    every: every ?? Math.ceil(analyses / MOST_SAMPLES),
    onProgress: view.show,
  });
  view.end();
  console.log(`\n${reportText(report)}`);
  const name = `soak-${new Date().toISOString().replaceAll(':', '-')}`;
  const file = path.join(projectRoot, 'bench/results', name);
  await mkdir(path.dirname(file), { recursive: true });
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  await writeFile(`${file}.json`, `${JSON.stringify({ machine, ...report }, null, 2)}\n`);
  await writeFile(`${file}.svg`, plotSvg(report.samples));
  console.log(`\nwritten to ${file}.json and .svg`);
  const isClean = faultsOf(report).length === 0;
  if (isClean && keep !== true) await rm(folder, { recursive: true });
  process.exitCode = isClean ? 0 : 1;
} catch (error) {
  view.end();
  throw error;
}

/** A bar in a terminal; elsewhere a line for each sample. */
function progressView(total: number): {
  show: NonNullable<SoakOptions['onProgress']>;
  end: () => void;
} {
  const bar = process.stdout.isTTY
    ? new SingleBar({
        format: '{bar} {value} of {total}, {eta_formatted} left, {memory}',
        hideCursor: true,
      })
    : null;
  let memory = '';
  bar?.start(total, 0, { memory });
  return {
    show: (done, sample) => {
      if (sample !== null) {
        memory = Object.entries(sample.processes)
          .map(([name, { residentKb }]) => `${name} ${Math.round(residentKb / 1024)} MB`)
          .join(', ');
        if (bar === null) console.log(`${sample.seconds} s, ${done} of ${total}: ${memory}`);
      }
      bar?.update(done, { memory });
    },
    end: () => {
      bar?.stop();
    },
  };
}
