import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readSafetensors, safetensors, type Header } from './safetensors.js';

/**
 * A copy of a checkpoint with its weights dealt out to shards, and the index that transformers writes for them.
 * @returns the shards' names
 */
export async function shardCheckpoint(
  from: string,
  to: string,
  count: number,
): Promise<readonly string[]> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== 'model.safetensors') await copyFile(path.join(from, name), path.join(to, name));
  }
  const { header, data } = readSafetensors(await readFile(path.join(from, 'model.safetensors')));
  const tensors = Object.entries(header);
  const weightMap: Record<string, string> = {};
  const names = Array.from(
    { length: count },
    (_, i) => `model-0000${i + 1}-of-0000${count}.safetensors`,
  );
  for (const [i, name] of names.entries()) {
    // Dealt like cards, so that no shard holds whole layers.
    const own = tensors.filter((_, index) => index % count === i);
    const part: Header = {};
    const parts: Buffer[] = [];
    let end = 0;
    for (const [
      tensor,
      {
        dtype,
        shape,
        data_offsets: [first, last],
      },
    ] of own) {
      part[tensor] = { dtype, shape, data_offsets: [end, end + last - first] };
      parts.push(data.subarray(first, last));
      end += last - first;
      weightMap[tensor] = name;
    }
    await writeFile(path.join(to, name), safetensors(part, Buffer.concat(parts)));
  }
  const index = { metadata: { total_size: data.length }, weight_map: weightMap };
  await writeFile(path.join(to, 'model.safetensors.index.json'), JSON.stringify(index));
  return names;
}
