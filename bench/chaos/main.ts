import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { MultiBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { projectRoot } from '../../apps/standalone/project-root.js';
import { whole } from '../whole-number.js';
import type { StoreKind } from './deployment.js';
import { runChaos, type ChaosProgress } from './chaos.js';
import { faultsFound, reportText } from './report.js';

/** `npm run chaos`: analyses media while every part is killed at random, and holds all answers to the undisturbed ones. */
const program = new Command('chaos')
  .description('Kills every part of the service at random while it works; reports what was lost.')
  .option('--analyses <count>', 'different media to analyse', whole(1), 40)
  .option('--kills <count>', 'processes to kill', whole(1), 12)
  .addOption(
    new Option('--store <kind>', 'where blobs lie; of s3 the server is killed too')
      .choices(['folder', 's3'])
      .default('folder'),
  )
  .option('--seed <number>', 'makes the same run again', whole(0), Date.now() % 1_000_000)
  .option('--keep', 'keep the data and the logs')
  .parse();
const { keep, ...chosen } = program.opts<{
  analyses: number;
  kills: number;
  seed: number;
  store: StoreKind;
  keep?: boolean;
}>();

const folder = await mkdtemp(path.join(tmpdir(), 'chaos-'));
console.log(`seed ${chosen.seed}, data and logs in ${folder}`);
const view = progressView();
try {
  const report = await runChaos({ ...chosen, folder, onProgress: view.show });
  view.end();
  console.log(`\n${reportText(report)}`);
  const file = path.join(
    projectRoot,
    'bench/results',
    `chaos-${new Date().toISOString().replaceAll(':', '-')}.json`,
  );
  await mkdir(path.dirname(file), { recursive: true });
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  await writeFile(file, `${JSON.stringify({ machine, ...report }, null, 2)}\n`);
  console.log(`\nwritten to ${file}`);
  const isClean = faultsFound(report).every(([, where]) => where.length === 0);
  if (isClean && keep !== true) await rm(folder, { recursive: true });
  process.exitCode = isClean ? 0 : 1;
} catch (error) {
  view.end();
  throw error;
}

/** Bars in a terminal; elsewhere a line now and then. */
function progressView(): { show: (progress: ChaosProgress) => void; end: () => void } {
  if (!process.stdout.isTTY) {
    let shown = '';
    return {
      show: ({ stage, done, total, faultsDone, faultsTotal }) => {
        const line = `${stage}: ${Math.floor((done / total) * 10) * 10} % of ${total} answered, ${faultsDone} of ${faultsTotal} faults`;
        if (line === shown) return;
        shown = line;
        console.log(line);
      },
      end: () => undefined,
    };
  }
  const bars = new MultiBar({ format: '{name} {bar} {value} of {total}', hideCursor: true });
  const byName = new Map<string, ReturnType<typeof bars.create>>();
  const update = (name: string, value: number, total: number) => {
    if (total === 0) return;
    const bar = byName.get(name) ?? bars.create(total, 0, { name: name.padEnd(12) });
    byName.set(name, bar);
    bar.setTotal(total);
    bar.update(value);
  };
  return {
    show: ({ stage, done, total, faultsDone, faultsTotal }) => {
      update(stage === 'undisturbed' ? 'undisturbed' : 'disturbed', done, total);
      if (stage !== 'undisturbed') update('faults', faultsDone, faultsTotal);
    },
    end: () => {
      bars.stop();
    },
  };
}
