import path from 'node:path';
import type { ModelDescription } from '../../../libs/model/engine.js';
import { inventoryOf, type InventoryEntry } from '../../../libs/model/inventory.js';
import { modelFacts } from '../../../libs/model/model-facts.js';
import { readTensorEntries } from '../../../libs/model/safetensors.js';
import { loadConfig } from '../../../libs/platform/config/config.js';
import { bring } from './bring.js';
import { loadEngine } from './load.js';
import { printFacts, printJson } from './print.js';
import { targetOf, type ModelOptions } from './target.js';
import { difference, megabytes } from './units.js';

/** `models describe`: what `describeModel` says to a workflow, and what a person wants to know besides. */
export async function describe(
  given: string | undefined,
  options: ModelOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = loadConfig();
  const target = targetOf(given, options, config);
  const model = await bring(target, signal);
  const engine = await loadEngine(model, target, config, signal, { threads: 1 });
  await engine.close();
  const { description } = engine;
  const files = await inventoryOf(model, signal);
  const weights = await weightsOf(model.folder, files);
  if (options.json === true) {
    const { means, because } = description.fakeRule;
    return printJson({
      ...modelFacts(description),
      fake: { label: description.fakeLabel, means, because },
      folder: model.folder,
      files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
      parameters: weights?.parameters ?? null,
      stored_as: weights?.types ?? null,
      load_milliseconds: description.loadMilliseconds,
    });
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  printFacts({
    model: description.id,
    revision: description.revision,
    folder: model.folder,
    architecture: description.architecture,
    size:
      (weights === null
        ? ''
        : `${(weights.parameters / 1e6).toFixed(2)} million parameters in ${weights.types.join(', ')}; `) +
      `${files.length} files, ${megabytes(bytes)}`,
    labels: labelsText(description),
    fake: `"${description.fakeLabel}": ${description.fakeRule.because}`,
    picture: `${description.inputSize} × ${description.inputSize}, ${FILTERS[description.resample]}`,
    processor: processorText(description),
    dtype: description.dtype,
    device: description.device,
    accuracy: accuracyText(description),
    graph: description.graphBuilder,
    'weights sha256': description.weightsSha256,
    fingerprint: description.fingerprint,
    loaded: `in ${(description.loadMilliseconds / 1000).toFixed(2)} s, first forward pass included`,
  });
}

/** Pillow's numbers of the filters. */
const FILTERS = { 1: 'Lanczos', 2: 'bilinear', 3: 'bicubic' } as const;

function labelsText({ labels, fakeRule }: ModelDescription): string {
  const role = (index: number) =>
    index !== fakeRule.index ? '' : fakeRule.means === 'fake' ? ' (= fake)' : ' (= 1 − fake)';
  return labels.map((label, index) => `${index} "${label}"${role(index)}`).join(', ');
}

function processorText({ rescaleFactor, imageMean, imageStd }: ModelDescription): string {
  return `× ${rescaleFactor}, mean ${imageMean.join(' ')}, std ${imageStd.join(' ')}`;
}

function accuracyText({ accuracy }: ModelDescription): string {
  if (accuracy === null) return 'fp32 is the reference';
  const { pictures, maxDifference, meanDifference, bound } = accuracy;
  return (
    `fake probabilities within ${difference(maxDifference)} of fp32's over ${pictures} pictures ` +
    `(mean ${difference(meanDifference)}, accepted ${bound})`
  );
}

/** What the safetensors files hold; null where there are none. */
async function weightsOf(folder: string, files: readonly InventoryEntry[]) {
  const names = files.map(({ name }) => name).filter((name) => name.endsWith('.safetensors'));
  if (names.length === 0) return null;
  const types = new Set<string>();
  let parameters = 0;
  for (const name of names) {
    const entries = await readTensorEntries(path.join(folder, name), name);
    for (const { dtype, shape } of entries.values()) {
      types.add(dtype);
      parameters += shape.reduce((product, side) => product * side, 1);
    }
  }
  return { parameters, types: [...types].sort() };
}
