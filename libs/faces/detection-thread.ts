import { workerData } from 'node:worker_threads';
import type { RgbaImage } from '../media/rgba-image.js';
import { resizePillow, type Resample } from '../model/pillow-resize.js';
import { cropOf } from './crop.js';
import { MediaPipeFaceDetector, type DetectorParts, type Face } from './mediapipe.js';

export interface DetectionTask {
  readonly image: RgbaImage;
  /** Side of the crop in pixels. */
  readonly size: number;
  readonly resample: Resample;
}

/** The faces of a picture and what the model is to see of it. */
export interface FrameFaces {
  /** Largest first. */
  readonly faces: readonly Face[];
  /** RGB, `size × size × 3` bytes: around the largest face, or the whole picture where there is none. */
  readonly crop: Uint8Array;
}

let detector: Promise<MediaPipeFaceDetector> | null = null;

/** Finds faces and cuts the crop out here, so that a frame's bytes need not come back. */
export default async function analyse({
  image,
  size,
  resample,
}: DetectionTask): Promise<FrameFaces> {
  detector ??= MediaPipeFaceDetector.create(workerData as DetectorParts);
  const ready = await detector;
  try {
    const faces = ready.detect(image);
    const rect =
      faces[0] === undefined ? undefined : cropOf(faces[0].box, image.width, image.height);
    const crop = resizePillow({ ...image, channels: 4 }, size, size, resample, rect);
    return { faces, crop };
  } finally {
    if (ready.failed) detector = null;
  }
}
