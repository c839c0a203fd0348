// For processes of the engine's tests: the engine as built, with the model of the first argument.
import { Buffer } from 'node:buffer';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceEngine } from '../../../dist/libs/model/engine.js';
import { probePicture } from '../../../dist/libs/model/probe-pictures.js';
import { resolveModel } from '../../../dist/libs/model/source.js';

const cacheDir = await mkdtemp(path.join(tmpdir(), 'engine-process-'));
process.on('exit', () => rmSync(cacheDir, { recursive: true, force: true }));

/** @param {Partial<import('../../../libs/model/engine.js').EngineOptions>} options */
export async function loadEngine(options) {
  const hub = { endpoint: 'http://127.0.0.1:9', cacheDir, offline: true };
  const source = { modelId: 'none/none', revision: 'main', path: process.argv[2], hub };
  return InferenceEngine.load(await resolveModel(source), { threads: 2, cacheDir, ...options });
}

/** Crops that differ from each other. @param {number} count @param {number} size */
export const pictures = (count, size) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => probePicture(i % 16, size)));
