import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, temporaryFiles } from './aftermath.js';
import type { Outcome } from './client.js';
import { Deployment, type StoreKind } from './deployment.js';
import { planFaults, targetsWith } from './fault-plan.js';
import { readRecords, type RunRecords } from './histories.js';
import { planLoad, send, type Submission } from './load.js';
import { makeMedia } from './media.js';
import { Random } from './random.js';
import { strike, type Struck } from './strike.js';
import { undisturbed } from './undisturbed.js';
import { compare, type Compared } from './verdict.js';

export interface ChaosOptions {
  /** An empty folder; the caller removes it. */
  readonly folder: string;
  readonly seed: number;
  /** Different media. */
  readonly analyses: number;
  readonly kills: number;
  /** A folder unless told otherwise. */
  readonly store?: StoreKind;
  readonly onProgress?: (progress: ChaosProgress) => void;
}

export interface ChaosProgress {
  readonly stage: 'undisturbed' | 'disturbed' | 'looking';
  readonly done: number;
  readonly total: number;
  readonly faultsDone: number;
  readonly faultsTotal: number;
}

export interface ChaosReport extends Compared {
  readonly seed: number;
  readonly store: StoreKind;
  readonly analyses: number;
  readonly submissions: number;
  /** Submissions that were given an ID before the result was there. */
  readonly accepted: number;
  readonly seconds: number;
  readonly struck: readonly Struck[];
  readonly setbacks: Readonly<Record<string, number>>;
  readonly records: RunRecords;
  /** Segments that were worked on again after they were finished. */
  readonly doneAgain: readonly string[];
  readonly orphans: readonly string[];
  readonly temporaryFiles: readonly string[];
}

const VIDEOS = 0.15;
const LIMIT_MS = 300_000;
/** Between the end of one fault and the next batch. */
const LONGEST_PAUSE_MS = 500;

/** Analyses media undisturbed, then again in another deployment whose parts die all the time, and compares. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { folder, seed, analyses, kills, store = 'folder', onProgress = () => undefined } = options;
  const random = new Random(seed);
  const faults = planFaults(random, kills, targetsWith(store));
  const decoderFaults = faults.filter(({ target }) => target === 'ffmpeg').length;
  const videos = Math.min(analyses, Math.max(decoderFaults, Math.round(analyses * VIDEOS)));
  // Each fault has a picture of its own, sent with the first signal: work for the part to show that it works again.
  const counts = { images: Math.max(analyses - videos, faults.length), videos };
  const media = await makeMedia(path.join(folder, 'media'), random, counts);
  const probes = media.filter(({ kind }) => kind === 'image').slice(0, faults.length);
  const others = media.filter((medium) => !probes.includes(medium));
  const { batches, decoded } = planLoad(random, others, faults);
  const counted = { faultsDone: 0, faultsTotal: faults.length };
  const expected = await undisturbed(path.join(folder, 'undisturbed'), store, media, (done) => {
    onProgress({ stage: 'undisturbed', done, total: media.length, ...counted });
  });

  const began = performance.now();
  const deployment = await Deployment.start({ folder: path.join(folder, 'disturbed'), store });
  const submissions = batches.flat().length + decoded.size + probes.length;
  const outcomes: Outcome[] = [];
  const struck: Struck[] = [];
  const tell = (stage: ChaosProgress['stage'] = 'disturbed') => {
    const faultsDone = struck.length;
    const faultsTotal = faults.length;
    onProgress({ stage, done: outcomes.length, total: submissions, faultsDone, faultsTotal });
  };
  try {
    const sent: Promise<unknown>[] = [];
    const submit = async (submission: Submission): Promise<Outcome> => {
      const outcome = await send(deployment.url, submission);
      outcomes.push(outcome);
      tell();
      return outcome;
    };
    for (const [index, fault] of faults.entries()) {
      for (const each of batches[index] ?? []) sent.push(submit(each));
      await sleep(fault.afterMs);
      const toDecode = decoded.get(index);
      if (toDecode !== undefined) sent.push(submit(toDecode));
      const probe = async () => {
        const medium = probes[index];
        if (medium === undefined) return 0;
        const answered = submit({ medium, afterMs: 0, isAsync: false });
        sent.push(answered);
        return (await answered).milliseconds;
      };
      struck.push(await strike(deployment, fault, probe));
      tell();
      await sleep(random.integer(0, LONGEST_PAUSE_MS));
    }
    await Promise.all(sent);
    tell('looking');
    await deployment.untilServerAnswers(LIMIT_MS);
    const records = await readRecords(deployment.temporalAddress);
    await deployment.stop();
    const setbacks: Record<string, number> = {};
    for (const outcome of outcomes)
      for (const [what, count] of Object.entries(outcome.setbacks))
        setbacks[what] = (setbacks[what] ?? 0) + count;
    return {
      seed,
      store,
      analyses: media.length,
      submissions,
      accepted: outcomes.filter(({ acceptedAs }) => acceptedAs !== null).length,
      seconds: Math.round((performance.now() - began) / 1000),
      struck,
      setbacks,
      records,
      ...compare(outcomes, expected),
      doneAgain: deployment.log
        .doneAgain()
        .map(({ workflowId, activityType, activityId }) =>
          [workflowId, activityType, activityId].join(' '),
        ),
      orphans: processesOf(deployment.folder),
      temporaryFiles: await temporaryFiles(deployment.folder),
    };
  } finally {
    await deployment.stop();
  }
}
