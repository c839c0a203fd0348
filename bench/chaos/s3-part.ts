import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PartPlan } from '../../apps/standalone/supervisor/part.js';
import { tiedToParent } from '../../apps/standalone/temporal/server-command.js';
import {
  freeS3Ports,
  prepareS3Folder,
  removeS3Sockets,
  S3_ENVIRONMENT,
  s3Arguments,
  s3Program,
} from '../s3-server.js';

const BUCKET = 'analyses';
const START_LIMIT_MS = 60_000;
const LOOK_MS = 50;
const ADDRESS = '127.0.0.1';

/** An S3 server as a part of a deployment, whose blobs lie there. */
export interface S3Part {
  readonly plan: PartPlan;
  /** What the other parts are told of it. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when it takes an object and gives it back. */
  untilTakesObjects(signal: AbortSignal): Promise<void>;
  /** Removes what it leaves outside its folder; it must have ended. */
  cleanUp(): Promise<void>;
}

/** @param folder of its data */
export async function s3Part(folder: string): Promise<S3Part> {
  await prepareS3Folder(folder, true);
  const ports = await freeS3Ports();
  const endpoint = `http://${ADDRESS}:${ports[0]}`;
  const bucket = `${endpoint}/${BUCKET}`;
  const untilTakesObjects = async (signal: AbortSignal): Promise<void> => {
    while (!(await takesObjects(bucket))) await sleep(LOOK_MS, undefined, { signal });
  };
  const searchPath = process.env.PATH ?? '';
  const plan: PartPlan = {
    name: 's3',
    ...tiedToParent(await s3Program(), s3Arguments(folder, ADDRESS, ports), searchPath),
    env: { ...process.env, TMPDIR: path.join(folder) },
    isQuiet: true,
    untilReady: () => untilTakesObjects(AbortSignal.timeout(START_LIMIT_MS)),
  };
  const env = {
    ...S3_ENVIRONMENT,
    S3_BUCKET: BUCKET,
    S3_ENDPOINT: endpoint,
    S3_FORCE_PATH_STYLE: '1',
  };
  return { plan, env, untilTakesObjects, cleanUp: () => removeS3Sockets(ports) };
}

/** It answers some seconds before its volumes are there. */
async function takesObjects(bucket: string): Promise<boolean> {
  const url = `${bucket}/probe/${randomUUID()}`;
  const ask = (method: string, at: string, body?: string) =>
    fetch(at, {
      method,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(2_000),
    });
  try {
    const put = await ask('PUT', url, 'probe');
    if (!put.ok) {
      // There is no bucket yet, or no volume.
      await (await ask('PUT', bucket)).arrayBuffer();
      return false;
    }
    const got = await (await ask('GET', url)).text();
    await (await ask('DELETE', url)).arrayBuffer();
    return got === 'probe';
  } catch {
    return false;
  }
}
