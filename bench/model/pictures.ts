import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { decodeStill } from '../../libs/media/still.js';
import { resizePillow, type Resample } from '../../libs/model/pillow-resize.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { xorshiftParts } from '../../libs/model/xorshift.js';

/**
 * Varied pictures at model size: random squares of photographs, half of them turned dark, pale or grey, and generated
 * clouds and noise. The same each time.
 */
export async function variedCrops(
  folders: readonly string[],
  count: number,
  size: number,
  resample: Resample,
): Promise<Uint8Array[]> {
  const crops = Array.from({ length: PROBE_PICTURES }, (_, i) => probePicture(i, size));
  const files = (
    await Promise.all(
      folders.map(async (folder) =>
        (await readdir(folder))
          .filter((name) => /\.(jpe?g|png)$/.test(name))
          .sort()
          .map((name) => path.join(folder, name)),
      ),
    )
  ).flat();
  const photographs = await Promise.all(files.map((file) => decodeStill(file)));
  const random = xorshiftParts(7);
  while (crops.length < count) {
    const photograph = photographs[crops.length % photographs.length];
    if (photograph === undefined) throw new Error(`expected pictures in ${folders.join(', ')}`);
    const { width, height } = photograph;
    const side = Math.round(Math.min(width, height) * (0.15 + 0.85 * random()));
    const x1 = Math.floor(random() * (width - side + 1));
    const y1 = Math.floor(random() * (height - side + 1));
    const rect = { x1, y1, x2: x1 + side, y2: y1 + side };
    const crop = resizePillow({ ...photograph, channels: 4 }, size, size, resample, rect);
    crops.push(random() < 0.5 ? crop : relit(crop, 0.4 + 0.6 * random(), 100 * random()));
  }
  return crops.slice(0, count);
}

function relit(crop: Uint8Array, gain: number, offset: number): Uint8Array {
  return crop.map((value) => Math.min(255, Math.round(value * gain + offset)));
}
