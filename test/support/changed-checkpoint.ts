import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSafetensors, safetensors, type Header } from './safetensors.js';

/** Turns a file's content into another. */
export type Change = (content: Buffer) => Buffer | string;

/** A copy of a checkpoint with a change to one of its files; the caller removes it. */
export async function changedCheckpoint(
  checkpoint: string,
  name: string,
  change: Change,
): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'changed-'));
  await cp(checkpoint, copy, { recursive: true });
  const file = path.join(copy, name);
  const content = await readFile(file);
  await rm(file);
  await writeFile(file, change(content));
  return copy;
}

/** Changes fields of a JSON file; undefined takes one out. */
export const withFields =
  (fields: Readonly<Record<string, unknown>>): Change =>
  (content) =>
    JSON.stringify({ ...(JSON.parse(content.toString()) as object), ...fields });

/** Changes what a safetensors file says of one tensor, its bytes staying where they are; null takes it out. */
export const withTensor =
  (name: string, entry: Partial<Header[string]> | null): Change =>
  (content) => {
    const { header, data } = readSafetensors(content);
    const known = header[name];
    if (known === undefined) throw new Error(`expected a tensor ${name}`);
    const others = Object.fromEntries(Object.entries(header).filter(([key]) => key !== name));
    return safetensors(
      entry === null ? others : { ...header, [name]: { ...known, ...entry } },
      data,
    );
  };

/** Sets the first value of a float32 tensor. */
export const withFirstWeight =
  (name: string, value: number): Change =>
  (content) => {
    const { header, data } = readSafetensors(content);
    data.writeFloatLE(value, header[name]?.data_offsets[0] ?? NaN);
    return content;
  };
