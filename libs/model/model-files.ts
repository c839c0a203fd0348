import { stat } from 'node:fs/promises';
import path from 'node:path';

const CONFIG_FILE = 'config.json';
const PROCESSOR_FILE = 'preprocessor_config.json';
export const WEIGHTS_FILE = 'model.safetensors';

/** What a model's folder must hold, small files first. */
export const MODEL_FILES = [CONFIG_FILE, PROCESSOR_FILE, WEIGHTS_FILE] as const;

/** The model files that a folder lacks; a link to nothing counts as lacking. */
export async function missingFiles(folder: string): Promise<string[]> {
  const found = await Promise.all(
    MODEL_FILES.map(async (name) => {
      const entry = await stat(path.join(folder, name)).catch(() => null);
      return entry?.isFile() === true;
    }),
  );
  return MODEL_FILES.filter((_, index) => found[index] !== true);
}
