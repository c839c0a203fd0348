import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { Deployment } from '../chaos/deployment.js';
import { makeMedia, type Medium } from '../chaos/media.js';
import { Random } from '../chaos/random.js';
import { undisturbed } from '../chaos/undisturbed.js';
import { compare } from '../chaos/verdict.js';
import { analyse, type Client, type Sent } from './client.js';
import { Flood, type FloodPlan } from './flood.js';

/** One tenant's small steady stream, alone and while the other one floods the service. */
export interface FairnessPlan extends FloodPlan {
  /** Pictures of the stream, once alone and once in the flood. */
  readonly pictures: number;
  readonly everyMs: number;
}

export interface LoadOptions {
  /** An empty folder; the caller removes it. */
  readonly folder: string;
  /** Sent at the same moment, by two tenants in turn; each another medium. */
  readonly images: number;
  readonly videos: number;
  /** Null = not looked at. */
  readonly fairness: FairnessPlan | null;
  readonly onStep?: (what: string) => void;
}

export interface LoadReport {
  readonly burst: readonly Sent[];
  readonly burstSeconds: number;
  readonly alone: readonly Sent[];
  readonly flooded: readonly Sent[];
  /** The flood's own pictures. */
  readonly flood: readonly Sent[];
  /** Media whose answer was another than the undisturbed one. */
  readonly wrong: readonly string[];
}

const KEYS = { a: 'load-test-key-of-tenant-a', b: 'load-test-key-of-tenant-b' };
const LIMIT_MS = 300_000;
const SEED = 1;

/** Loads the real service with many requests at a time, and holds the answers to those of one that is left in peace. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { folder, images, videos, fairness, onStep = () => undefined } = options;
  const streamed = 2 * (fairness?.pictures ?? 0);
  onStep(`making ${images + streamed} pictures and ${videos} videos`);
  const counts = { images: images + streamed, videos };
  const media = await makeMedia(path.join(folder, 'media'), new Random(SEED), counts);
  onStep('the same media in peace');
  const expected = await undisturbed(
    path.join(folder, 'undisturbed'),
    'folder',
    media,
    () => undefined,
  );

  const pictures = media.filter(({ kind }) => kind === 'image');
  const stream = pictures.splice(0, streamed);
  const env = { API_KEYS: `a:${KEYS.a},b:${KEYS.b}` };
  const deployment = await Deployment.start({ folder: path.join(folder, 'loaded'), env });
  try {
    const { url } = deployment;
    const a: Client = { url, tenant: 'a', key: KEYS.a };
    const b: Client = { url, tenant: 'b', key: KEYS.b };
    onStep(`${images} pictures and ${videos} videos at the same moment`);
    const together = [...pictures, ...media.filter(({ kind }) => kind === 'video')];
    const began = performance.now();
    const burst = await Promise.all(
      together.map((medium, i) => sendFile(i % 2 === 0 ? a : b, medium)),
    );
    const burstSeconds = (performance.now() - began) / 1000;

    let alone: readonly Sent[] = [];
    let flooded: readonly Sent[] = [];
    let flood: readonly Sent[] = [];
    if (fairness !== null) {
      onStep(`${fairness.pictures} pictures of one tenant, alone`);
      alone = await steadily(b, stream.slice(0, fairness.pictures), fairness.everyMs);
      onStep(`${fairness.pictures} pictures of one tenant, while the other one floods the service`);
      const other = await Flood.start(a, path.join(folder, 'media'), fairness);
      flooded = await steadily(b, stream.slice(fairness.pictures), fairness.everyMs);
      flood = await other.stop();
    }
    const wrong = wrongAnswers([...burst, ...alone, ...flooded], expected);
    return { burst, burstSeconds, alone, flooded, flood, wrong };
  } finally {
    await deployment.stop();
  }
}

async function sendFile(client: Client, medium: Medium): Promise<Sent> {
  return analyse(client, medium, new Uint8Array(await readFile(medium.file)), LIMIT_MS);
}

/** One after the other at a fixed pace, however long the answers take. */
async function steadily(
  client: Client,
  media: readonly Medium[],
  everyMs: number,
): Promise<readonly Sent[]> {
  const sent: Promise<Sent>[] = [];
  for (const medium of media) {
    sent.push(sendFile(client, medium));
    await sleep(everyMs);
  }
  return Promise.all(sent);
}

/** The ID has the tenant in it; all else must be the same. */
function wrongAnswers(
  sent: readonly Sent[],
  expected: ReadonlyMap<string, AnalysisResult>,
): readonly string[] {
  const outcomes = sent.map(({ medium, result, failure }) => {
    const id = expected.get(medium.name)?.id ?? '';
    return { medium, failure, result: result === null ? null : { ...result, id } };
  });
  return compare(outcomes, expected).wrong;
}
