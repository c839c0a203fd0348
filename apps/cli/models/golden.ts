import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ModelError } from '../../../libs/model/model-error.js';
import type { LocalModel } from '../../../libs/model/source.js';

export const GOLDEN_FILE = 'golden.json';

const probability = z.number().min(0).max(1);
const pixel = z.number().int().min(0);

const row = z.object({
  // A name and no more: a file that came with a model must not point elsewhere.
  picture: z.string().regex(/^[^/\\]+$/, 'expected the name of a file'),
  crop: z.tuple([pixel, pixel, pixel, pixel]).nullable(),
  p_fake: probability,
});

const golden = z.object({
  pictures: z.string().default('pictures'),
  checkpoints: z.record(z.string(), z.array(row).min(1)),
  weights_sha256: z.record(z.string(), z.string()).default({}),
});

/** What an independent implementation says of some pictures; see docs/models.md. */
export interface Golden {
  readonly file: string;
  /** Folder of the pictures. */
  readonly pictures: string;
  readonly rows: readonly GoldenRow[];
  /** SHA-256 of the weights that gave the numbers; null when it isn't told. */
  readonly weightsSha256: string | null;
}

export interface GoldenRow {
  readonly picture: string;
  /** `[x1, y1, x2, y2]` in pixels; null for the whole picture. */
  readonly crop: readonly [number, number, number, number] | null;
  /** Fake probability, 0..1. */
  readonly p_fake: number;
}

/**
 * The golden numbers of a model.
 * @param given a file; `golden.json` in the model's folder when null
 * @returns null when none are given and the folder has none
 * @throws ModelError when the file can't be read or isn't understood
 */
export async function readGolden(model: LocalModel, given: string | null): Promise<Golden | null> {
  const file = path.resolve(given ?? path.join(model.folder, GOLDEN_FILE));
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (given === null) return null;
    throw new ModelError('model_not_found', `expected golden numbers in "${given}", found none.`, {
      cause,
    });
  }
  const parsed = golden.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw notUnderstood(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { pictures, checkpoints, weights_sha256 } = parsed.data;
  const name = nameIn(checkpoints, model, file);
  return {
    file,
    pictures: path.resolve(path.dirname(file), pictures),
    rows: checkpoints[name] ?? [],
    weightsSha256: weights_sha256[name] ?? null,
  };
}

/** The model's entry: the only one, or the one with the name of its folder or repository. */
function nameIn(checkpoints: object, { folder, id }: LocalModel, file: string): string {
  const names = Object.keys(checkpoints);
  const wanted = [path.basename(folder), id, path.posix.basename(id)];
  const found = names.length === 1 ? names[0] : names.find((name) => wanted.includes(name));
  if (found !== undefined) return found;
  throw notUnderstood(
    file,
    `checkpoints: expected ${wanted.join(' or ')}, got ${names.join(', ') || 'none'}`,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notUnderstood(file, 'it is not JSON');
  }
}

const notUnderstood = (file: string, why: string) =>
  new ModelError('model_invalid', `expected golden numbers in "${file}", but ${why}.`);
