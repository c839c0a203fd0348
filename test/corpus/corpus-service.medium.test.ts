import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import { freePort } from '../../apps/standalone/ports.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { descendantsOf } from '../support/child-processes.js';
import { DEMO_MODEL, startProcess, stopProcesses } from '../support/processes.js';
import { rawUpload, type RawUpload } from '../support/raw-upload.js';
import { until } from '../support/until.js';
import { checkAnswer, type ServiceAnswer } from './check-answer.js';
import { hostile, valid } from './corpus.js';
import { CONTENT_TYPES, FILE_NAMES } from './file-names.js';
import { SetLure } from './lure.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const portrait = path.join(root, 'demo/portrait.jpg');
const DECLARED = [undefined, 'IMAGE', 'VIDEO'] as const;
const FEW = { policy: 'even', frames: 8 };
const PARTS = ['media', 'inference', 'api'] as const;

let folder: string;
let url: string;
const parts: RunningPart[] = [];
/** Every problem that was answered, as it went over the wire. */
const problems: string[] = [];
let pictureBefore: AnalysisResult;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'corpus-service-'));
  for (const name of ['data', 'temp', 'files']) await mkdir(path.join(folder, name));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const deployment = {
    temporalAddress: inject('temporalAddress'),
    dataDir: path.join(folder, 'data'),
    taskQueuePrefix: 'corpus-',
    modelPath: DEMO_MODEL,
    env: { PORT: String(port), TMPDIR: path.join(folder, 'temp'), LOG_LEVEL: 'fatal' },
  };
  parts.push(...(await Promise.all(PARTS.map((role) => startProcess(role, deployment)))));
  await until('a healthy service', async () => (await fetch(`${url}/health`)).status === 200);
  pictureBefore = (await sendPicture('before')).body as AnalysisResult;
});
afterAll(async () => {
  await stopProcesses(parts);
  await rm(folder, { recursive: true });
});

async function send(upload: RawUpload): Promise<ServiceAnswer> {
  const request = rawUpload(upload);
  const response = await fetch(`${url}/api/v1/inference`, {
    ...request,
    headers: { ...request.headers, prefer: 'wait=60' },
  });
  const text = await response.text();
  const body = JSON.parse(text) as AnalysisResult | ProblemBody;
  if (response.status >= 400) problems.push(text);
  return { status: response.status, text, body };
}

/** A picture of a face, with something behind its end so that it is a medium of its own. */
async function sendPicture(mark: string, fileName = 'portrait.jpg'): Promise<ServiceAnswer> {
  const bytes = Buffer.concat([await readFile(portrait), Buffer.from(mark)]);
  const answer = await send({ bytes, fileName });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

const lure = await SetLure.set();
afterAll(() => lure.remove());
const corpus = [...hostile(lure), ...valid].map((file, i) => ({
  ...file,
  index: i,
  // As browsers write a line break; a bare one is a malformed form.
  fileName: file.sentAs?.replace('\n', '%0A') ?? FILE_NAMES[i % FILE_NAMES.length] ?? '',
  contentType: CONTENT_TYPES[i % CONTENT_TYPES.length],
  declared: file.declared ?? DECLARED[i % DECLARED.length],
}));

describe('each file of the corpus, sent to the service', () => {
  it.concurrent.each(corpus)('$name', async ({ declared, index, ...file }) => {
    const bytes = await file.bytes();
    const fields = {
      ...(declared === undefined ? {} : { mediaType: declared }),
      // Fewer samples than usual, for the time that it takes; every fifth as if nothing were said.
      ...(index % 5 === 0 ? {} : { options: JSON.stringify({ sampling: FEW }) }),
    };
    const answer = await send({ ...file, bytes, fields });
    // Under a plain name: what the library says of a file has nothing to do with it.
    const copy = path.join(folder, 'files', file.name);
    await writeFile(copy, bytes);
    await checkAnswer(file, copy, answer);
    if (answer.status !== 200) return;
    const { flags, media } = answer.body as AnalysisResult;
    const contradicts = declared !== undefined && declared !== media.media_type;
    expect(flags.includes('declared_media_type_mismatch')).toBe(contradicts);
  });
});

describe('names of files', () => {
  it.concurrent.each(FILE_NAMES)('%j makes no difference', async (fileName) => {
    const { body } = await sendPicture('before', fileName);
    expect(body).toEqual(pictureBefore);
  });

  it.each(['a\nb.mp4', 'a\rb.mp4', 'a\r\nX-Header: b.mp4', 'a\r\n\r\nb.mp4', '"', ''])(
    '%j is taken, or answered at once with what is wrong',
    async (fileName) => {
      const bytes = Buffer.concat([await readFile(portrait), Buffer.from('before')]);
      const began = performance.now();
      const { status, body } = await send({ bytes, fileName });
      expect([200, 400, 422], JSON.stringify(body)).toContain(status);
      expect(performance.now() - began).toBeLessThan(20_000);
    },
  );
});

describe('after the whole corpus', () => {
  it('is as healthy as before, with the same processes', async () => {
    expect(parts.map(({ process }) => process.exitCode ?? process.signalCode)).toEqual(
      parts.map(() => null),
    );
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('judges a good picture as before', async () => {
    const { id, inference_time, created_at, media, ...before } = pictureBefore;
    const { body } = await sendPicture('behind');
    expect(body).toMatchObject({ ...before, model: before.model });
    const after = body as AnalysisResult;
    expect(after.id).not.toBe(id);
    expect({ ...after.media, sha256: media.sha256, bytes: media.bytes }).toEqual(media);
    expect([inference_time, created_at]).not.toContain(undefined);
  });

  it('has no decoder running, and left no file behind', async () => {
    await until('no decoder', async () => {
      const running = await Promise.all(
        parts.map(({ process }) => descendantsOf(process.pid ?? NaN)),
      );
      return running.flat().length === 0;
    });
    expect(await readdir(path.join(folder, 'temp'))).toEqual([]);
    expect(await readdir(path.join(folder, 'data/blobs/.incoming'))).toEqual([]);
    const strange = (await readdir(root)).filter((name) => /owned|^-|passwd/.test(name));
    expect(strange).toEqual([]);
  });

  it('has neither read nor called what files refer to', () => {
    expect(lure.taken).toEqual([]);
  });

  it('has told nobody about this machine', () => {
    expect(problems.length).toBeGreaterThan(50);
    for (const problem of problems) {
      expect(problem).not.toContain(folder);
      expect(problem).not.toContain(root);
      expect(problem).not.toContain(tmpdir());
      // A stack, an address in memory, and how ffmpeg names the part of it that speaks.
      expect(problem).not.toMatch(/\\n\s+at |node:internal|node_modules|0x[0-9a-f]{6}|\[\w+ @ /);
      expect(problem).not.toMatch(/"detail":"[^"]*\[[a-z0-9_,]+\] /);
      // Not one of ffmpeg's lines after the other.
      expect((JSON.parse(problem) as ProblemBody).detail).not.toMatch(/[\r\n]/);
    }
  });

  it('tells of a refused one the same when it is asked for', async () => {
    const refused = problems
      .map((text) => JSON.parse(text) as ProblemBody & { id?: string })
      .filter(({ id }) => id !== undefined);
    expect(refused.length).toBeGreaterThan(50);
    for (const { id = '', code, detail } of refused.slice(0, 20)) {
      const response = await fetch(`${url}/api/v1/inference/${id}`);
      const { status, error } = (await response.json()) as AnalysisResource;
      expect({ status, code: error?.code, detail: error?.detail }).toEqual({
        ...{ status: 'failed', code, detail },
      });
    }
  });
});
