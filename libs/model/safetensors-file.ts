import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** A tensor to be written. Its bytes are asked for when its turn comes, so that only one is in memory. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'I8';
  readonly shape: readonly number[];
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
}

const BYTES_PER_ELEMENT = { F32: 4, F16: 2, I8: 1 } as const;

/**
 * Writes a safetensors file that appears under its name only when it is whole.
 * @param metadata kept in the header under `__metadata__`
 */
export async function writeSafetensors(
  target: string,
  tensors: readonly NewTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    const begin = end;
    end += shape.reduce((product, side) => product * side, BYTES_PER_ELEMENT[dtype]);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  // Data starts on a multiple of 8, as the format's reference implementation has it.
  const json = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.${randomUUID()}`;
  const file = await open(temporary, 'wx');
  try {
    await file.appendFile(length);
    await file.appendFile(json);
    for (const tensor of tensors) await file.appendFile(await tensor.bytes());
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
