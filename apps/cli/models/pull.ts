import { rm } from 'node:fs/promises';
import { contentFile, inventoryOf, type InventoryEntry } from '../../../libs/model/inventory.js';
import { ModelError } from '../../../libs/model/model-error.js';
import type { LocalModel } from '../../../libs/model/source.js';
import { loadConfig } from '../../../libs/platform/config/config.js';
import { bring } from './bring.js';
import { printFacts, printJson, printTable } from './print.js';
import { targetOf, type ModelOptions, type Target } from './target.js';
import { megabytes } from './units.js';

/** `models pull`: brings a model, checks it, brings again what is damaged, and says what is there. */
export async function pull(
  given: string | undefined,
  options: ModelOptions,
  signal: AbortSignal,
): Promise<void> {
  const target = targetOf(given, options, loadConfig());
  let model = await bring(target, signal);
  let files = await inventoryOf(model, signal);
  if (files.some(isDamaged)) {
    await removeDamaged(model, files, target);
    model = await bring(target, signal);
    files = await inventoryOf(model, signal);
  }
  const still = files.filter(isDamaged).map(({ name }) => name);
  if (still.length > 0)
    throw new ModelError('model_invalid', `${still.join(', ')} in ${model.folder}: damaged again.`);
  const { id, revision, folder } = model;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (options.json === true) {
    const listed = files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
    return printJson({ id, revision, folder, bytes, files: listed });
  }
  printFacts({ model: id, [revision === 'local' ? 'revision' : 'commit']: revision, folder });
  printTable(
    ['file', 'size', 'sha256'],
    [
      ...files.map(({ name, bytes, sha256 }) => [name, megabytes(bytes), sha256 ?? '']),
      [`${files.length} files`, megabytes(bytes), ''],
    ],
    [1],
  );
}

const isDamaged = ({ isIntact }: InventoryEntry) => isIntact === false;

async function removeDamaged(
  model: LocalModel,
  files: readonly InventoryEntry[],
  { source }: Target,
): Promise<void> {
  for (const entry of files.filter(isDamaged)) {
    // Offline there would be nothing to take its place.
    if (source.hub.offline) {
      throw new ModelError(
        'model_invalid',
        `${entry.name} in ${model.folder} is damaged, and HF_HUB_OFFLINE forbids to download it again.`,
      );
    }
    console.error(`${entry.name} in the cache is damaged; downloading it again.`);
    if (entry.sha256 !== null) await rm(await contentFile(model, entry));
  }
}
