import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from './model-error.js';

/** A JSON object in a model's folder. @throws ModelError naming the file */
export async function readModelJson(
  folder: string,
  name: string,
): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path.join(folder, name), 'utf8');
  } catch (cause) {
    throw new ModelError('model_invalid', `expected ${name} in the model's folder, found none`, {
      cause,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below, together with JSON that is not an object.
  }
  throw new ModelError('model_invalid', `expected ${name} to hold a JSON object`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
