import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, temporaryFiles } from '../chaos/aftermath.js';
import { Deployment } from '../chaos/deployment.js';
import { makeMedia } from '../chaos/media.js';
import { Random } from '../chaos/random.js';
import { Clients } from './client.js';
import type { Sample } from './judgement.js';
import { mediaFor, planBeginnings, planSteps, type Step } from './plan.js';
import {
  countChildren,
  reportOptions,
  sampleProcess,
  type ProcessSample,
} from './process-sample.js';

export interface SoakOptions {
  /** An empty folder; the caller removes it. */
  readonly folder: string;
  readonly seed: number;
  readonly analyses: number;
  /** Analyses between two samples. */
  readonly every: number;
  /** Further environment of the parts. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onProgress?: (done: number, sample: Sample | null) => void;
}

export interface SoakReport {
  readonly seed: number;
  readonly analyses: number;
  readonly seconds: number;
  /** Steps taken, by their kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Answers other than due. */
  readonly surprises: readonly string[];
  readonly samples: readonly Sample[];
  /** Left after the end. */
  readonly orphans: readonly string[];
  readonly temporaryFiles: readonly string[];
}

const PARTS = ['api', 'media', 'inference', 'temporal'] as const;
const AT_ONCE = 4;
const IDLE_LIMIT_MS = 120_000;
/** For what ends on its own once an analysis has: a decoder that was cancelled, a connection that was cut. */
const SETTLE_LIMIT_MS = 5_000;
const SETTLE_MS = 500;
/** Videos of which every fifth is long, see {@link makeMedia}. */
const LONG_EVERY = 5;

/** Analyses media for as long as is wanted while clients do all that clients do, and looks at the parts now and then. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { folder, seed, analyses, every, env = {}, onProgress = () => undefined } = options;
  const random = new Random(seed);
  const beginnings = planBeginnings(random, analyses);
  const mediaFolder = path.join(folder, 'media');
  const steps = planSteps(
    random,
    beginnings,
    await media(mediaFolder, random, mediaFor(beginnings)),
  );
  const reports = path.join(folder, 'reports');
  await mkdir(reports);
  const began = performance.now();
  const deployment = await Deployment.start({
    folder,
    env: {
      ...env,
      MEDIA_ROOTS: mediaFolder,
      NODE_OPTIONS: [env.NODE_OPTIONS, reportOptions(reports)].join(' '),
    },
  });
  try {
    const clients = new Clients(deployment.url, mediaFolder);
    const surprises: string[] = [];
    const samples: Sample[] = [];
    let done = 0;
    for (let from = 0; from < steps.length; from += every) {
      const waiting = steps.slice(from, from + every);
      const lane = async () => {
        for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
          for (const step of group) await clients.take(step).catch(surprising(surprises, step));
          done += 1;
          onProgress(done, null);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      await clients.untilIdle(IDLE_LIMIT_MS);
      const sample = await look(deployment, reports, done, began);
      samples.push(sample);
      onProgress(done, sample);
    }
    await deployment.stop();
    return {
      seed,
      analyses: done,
      seconds: Math.round((performance.now() - began) / 1000),
      counts: Object.fromEntries(clients.counts),
      surprises,
      samples,
      orphans: processesOf(folder),
      temporaryFiles: await temporaryFiles(folder),
    };
  } finally {
    await deployment.stop();
  }
}

function surprising(surprises: string[], { kind }: Step) {
  return (error: unknown) => {
    surprises.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
  };
}

async function media(
  folder: string,
  random: Random,
  wanted: { readonly picture: number; readonly clip: number; readonly long: number },
) {
  // Every fifth is long, so that there are enough of both.
  const videos = Math.max(
    wanted.long * LONG_EVERY,
    Math.ceil((wanted.clip * LONG_EVERY) / (LONG_EVERY - 1)) + 1,
  );
  const made = await makeMedia(folder, random, { images: wanted.picture, videos });
  return {
    picture: random.shuffled(made.filter(({ kind }) => kind === 'image')),
    clip: made.filter(({ name }) => name.startsWith('clip')),
    long: made.filter(({ name }) => name.startsWith('long')),
  };
}

async function look(
  deployment: Deployment,
  reports: string,
  analyses: number,
  began: number,
): Promise<Sample> {
  const { supervisor, folder, dataDir } = deployment;
  const pids = PARTS.map((name) => {
    const pid = supervisor.pidOf(name);
    if (pid === undefined) throw new Error(`expected ${name} to run (logs in ${folder}/logs)`);
    return [name, pid] as const;
  });
  for (const deadline = Date.now() + SETTLE_LIMIT_MS; Date.now() < deadline; await sleep(100)) {
    const children = await Promise.all(pids.map(([, pid]) => countChildren(pid)));
    if (children.every((count) => count === 0) && (await temporaryFiles(folder)).length === 0)
      break;
  }
  await sleep(SETTLE_MS);
  const processes: Record<string, ProcessSample> = {};
  for (const [name, pid] of pids)
    processes[name] = await sampleProcess(pid, name === 'temporal' ? null : reports);
  return {
    analyses,
    seconds: Math.round((performance.now() - began) / 1000),
    processes,
    temporaryFiles: await temporaryFiles(folder),
    databaseKb: Math.round((await stat(path.join(dataDir, 'temporal.db'))).size / 1024),
  };
}
