import { threadId, workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { RasterImage } from '../media/raster-image.js';
import { resizePillow, type Resample } from '../model/pillow-resize.js';
import { cropOf } from './crop.js';
import { detectorView } from './detector-view.js';
import { MediaPipeFaceDetector, type DetectorParts, type Face } from './mediapipe.js';

export interface DetectionTask {
  readonly image: RasterImage;
  /** Side of the crop in pixels. */
  readonly size: number;
  readonly resample: Resample;
}

/** The faces of a picture and what the model is to see of it. */
export interface FrameFaces {
  /** Largest first; the box of the first is the one that was cut out. */
  readonly faces: readonly Face[];
  /** RGB, `size × size × 3` bytes: around the largest face, or the whole picture where there is none. */
  readonly crop: Uint8Array;
  /** The picture's own bytes, which are of no more use here: to be filled with the next one's. */
  readonly spent: Uint8Array;
}

let detector: MediaPipeFaceDetector | null = null;

/** Finds faces and cuts the crop out here, so that a frame's bytes need not come back. */
export default async function analyse({
  image,
  size,
  resample,
}: DetectionTask): Promise<FrameFaces> {
  const faces = await facesOf(image);
  const rect = faces[0] === undefined ? undefined : cropOf(faces[0].box, image.width, image.height);
  const crop = resizePillow(image, size, size, resample, rect);
  const answer: FrameFaces = { faces, crop, spent: image.data };
  // Moved, not copied; Piscina's own way to say so.
  const buffers = [crop.buffer, image.data.buffer];
  return move({ [transferableSymbol]: buffers, [valueSymbol]: answer }) as never;
}

/** Loads the detector and looks at a picture. Returns which thread this is. */
export async function warmUp(): Promise<number> {
  await facesOf({ width: 64, height: 64, channels: 3, data: new Uint8Array(64 * 64 * 3) });
  return threadId;
}

async function facesOf(image: RasterImage): Promise<readonly Face[]> {
  detector ??= await MediaPipeFaceDetector.create(workerData as DetectorParts);
  const { image: shown, step } = detectorView(image);
  try {
    return detector.detect(shown).map((face) => enlarged(face, step));
  } catch (error) {
    // A graph that failed once never recovers: the next picture gets another.
    if (detector.failed) detector = null;
    throw error;
  }
}

/** From the view's pixels to the picture's. */
function enlarged({ box: [x, y, w, h], score, keypoints }: Face, step: number): Face {
  return {
    box: [x * step, y * step, w * step, h * step],
    score,
    keypoints: keypoints.map(([px, py]) => [px * step, py * step] as const),
  };
}
