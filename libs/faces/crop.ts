import type { PixelRect } from '../model/pillow-resize.js';

/** `[x, y, width, height]` in pixels. */
export type FaceBox = readonly [number, number, number, number];

/** A crop's side in longest sides of the face's box. */
export const CROP_MARGIN = 1.3;

/**
 * The square around a face that the model sees, by the rule of the service that this one replaces, truncations
 * included: side = trunc(1.30 · max(w, h)), centred on the box, moved (and at last cut) to lie in the picture.
 */
export function cropOf([x, y, w, h]: FaceBox, width: number, height: number): PixelRect {
  const side = Math.trunc(CROP_MARGIN * Math.max(w, h));
  const half = Math.floor(side / 2);
  const [x1, x2] = span(x + w / 2 - half, side, width);
  const [y1, y2] = span(y + h / 2 - half, side, height);
  return { x1, y1, x2, y2 };
}

function span(start: number, side: number, limit: number): [number, number] {
  const end = Math.min(limit, Math.trunc(Math.max(0, start)) + side);
  return [Math.max(0, end - side), end];
}
