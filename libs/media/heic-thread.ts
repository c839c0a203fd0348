import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import libheif from 'libheif-js/wasm-bundle.js';

/** What the thread is started with. */
export interface HeicTask {
  readonly file: string;
  readonly maxPixels: number;
}

/** What it answers, once: a picture, or why there is none. */
export type HeicAnswer =
  | { readonly width: number; readonly height: number; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly problem: 'too_large' | 'unreadable' };

/** Decodes one picture. Its turns and mirrorings are applied by libheif; EXIF has no say in HEIC. */
async function decode({ file, maxPixels }: HeicTask): Promise<HeicAnswer> {
  await libheif.ready;
  const images = new libheif.HeifDecoder().decode(readFileSync(file));
  const image = images.find((each) => each.is_primary()) ?? images[0];
  if (image === undefined) return { problem: 'unreadable' };
  const width = image.get_width();
  const height = image.get_height();
  if (width * height > maxPixels) return { problem: 'too_large' };
  const pixels = { data: new Uint8ClampedArray(width * height * 4), width, height };
  const shown = await new Promise<typeof pixels | null>((resolve) => {
    image.display(pixels, resolve);
  });
  if (shown === null) return { problem: 'unreadable' };
  const data = new Uint8Array(pixels.data.buffer);
  // Alpha is dropped as it is, not blended with anything.
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { width, height, data };
}

const answer = await decode(workerData as HeicTask);
parentPort?.postMessage(answer, 'data' in answer ? [answer.data.buffer] : []);
