import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FaceDetector } from '@mediapipe/tasks-vision';
import type { RasterImage } from '../media/raster-image.js';
import type { FaceBox } from './crop.js';
import { HostCanvas } from './host-canvas.js';
import { withNormalisation } from './tflite-metadata.js';

export const FACE_MODELS = ['short_range', 'full_range', 'full_range_sparse'] as const;
export type FaceModel = (typeof FACE_MODELS)[number];

/** A detected face. */
export interface Face {
  /**
   * Whole pixels, as MediaPipe gives them: the origin is kept in the picture, the far side is not, so that a face cut off
   * at the right or bottom edge keeps its size, and its crop with it.
   */
  readonly box: FaceBox;
  /** 0..1. */
  readonly score: number;
  /** Eyes, nose tip, mouth, ears: `[x, y]` in pixels; may lie outside the picture. */
  readonly keypoints: readonly (readonly [number, number])[];
}

/** Compiled WebAssembly, which can be sent to a thread. */
type WasmModule = object;

/** What a detector is made from; can be sent to a thread. */
export interface DetectorParts {
  readonly wasm: WasmModule;
  readonly model: Uint8Array;
  /** Least score of a face, 0..1. */
  readonly minScore: number;
}

/** MediaPipe's own value for these models. */
const MIN_SUPPRESSION = 0.3;
/** All three models take -1..1. */
const NORMALISATION = { mean: 127.5, std: 127.5 };

const require = createRequire(import.meta.url);
const wasmPath = require.resolve('@mediapipe/tasks-vision/vision_wasm_module_internal.wasm');

/** Version of the package that runs, for results to name. */
export function mediaPipeVersion(): string {
  const manifest = path.join(
    path.dirname(require.resolve('@mediapipe/tasks-vision')),
    'package.json',
  );
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Compiles the runtime once, for all threads, and prepares the model. */
export async function prepareDetector(model: FaceModel, minScore: number): Promise<DetectorParts> {
  const [wasm, tflite] = await Promise.all([
    readFile(wasmPath).then((bytes) => WebAssembly.compile(bytes)),
    readFile(require.resolve(`@mediapipe/face_detection/face_detection_${model}.tflite`)),
  ]);
  return { wasm, model: withNormalisation(new Uint8Array(tflite), NORMALISATION), minScore };
}

type Factory = (options: Record<string, unknown>) => Promise<unknown>;
/** The part of the WebAssembly interface that is used here, which Node has and TypeScript's library for Node lacks. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: unknown): Promise<unknown>;
};

/**
 * MediaPipe's face detector on the CPU, without a browser. `detect` blocks its thread: call it from a worker thread. The one
 * place that talks to MediaPipe.
 */
export class MediaPipeFaceDetector {
  readonly #detector: FaceDetector;
  #failed = false;

  private constructor(detector: FaceDetector) {
    this.#detector = detector;
  }

  /** @throws Error when the runtime or the model can't be loaded */
  static async create({ wasm, model, minScore }: DetectorParts): Promise<MediaPipeFaceDetector> {
    const runtime = '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
    const { default: factory } = (await import(runtime)) as { default: Factory };
    const silent = () => undefined;
    // The runtime's import sets this to console.warn and would write every log line of the native code there.
    Object.assign(globalThis, { custom_dbg: silent });
    const module = await new Promise((resolve, reject) => {
      factory({
        locateFile: () => wasmPath,
        print: silent,
        printErr: silent,
        instantiateWasm: (imports: unknown, done: (instance: unknown, module: unknown) => void) => {
          // The factory waits for `done` alone: without the second way out, a failure would never be heard of.
          WebAssembly.instantiate(wasm, imports).then((instance) => {
            done(instance, wasm);
          }, reject);
          return {};
        },
      }).then(resolve, reject);
    });
    // The public way, createFromOptions, finds its runtime through browser globals; the constructor takes it as given.
    const detector = Reflect.construct(FaceDetector, [module, new HostCanvas()]) as FaceDetector;
    await detector.setOptions({
      baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
      runningMode: 'IMAGE',
      minDetectionConfidence: minScore,
      minSuppressionThreshold: MIN_SUPPRESSION,
    });
    return new MediaPipeFaceDetector(detector);
  }

  /** True once a picture made it throw: its graph does not recover, make another detector. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Faces in the picture, largest box first.
   *
   * @throws RangeError when the bytes don't fit the size
   * @throws Error when MediaPipe fails; the detector is of no more use then
   */
  detect(image: RasterImage): readonly Face[] {
    const { width, height, channels, data } = image;
    const isSize = [width, height].every((side) => Number.isInteger(side) && side > 0);
    if (!isSize || data.length !== width * height * channels) {
      throw new RangeError(
        `expected ${width}×${height}×${channels} bytes of pixels, got ${data.length}`,
      );
    }
    try {
      const { detections } = this.#detector.detect(image as unknown as ImageData);
      return detections
        .flatMap(({ boundingBox, categories, keypoints }) => {
          if (boundingBox === undefined) return [];
          const { originX, originY, width: w, height: h } = boundingBox;
          const points = keypoints.map(({ x, y }) => [x * width, y * height] as const);
          return [
            {
              box: [originX, originY, w, h] as const,
              score: categories[0]?.score ?? 0,
              keypoints: points,
            },
          ];
        })
        .filter(({ box: [x, y, w, h] }) => w >= 1 && h >= 1 && x < width && y < height)
        .sort((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3]);
    } catch (error) {
      this.#failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`MediaPipe failed on a picture of ${width}×${height}: ${reason}`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#failed = true;
    this.#detector.close();
  }
}
