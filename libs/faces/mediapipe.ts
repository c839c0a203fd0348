import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FaceDetector } from '@mediapipe/tasks-vision';
import type { RgbaImage } from '../media/rgba-image.js';
import type { FaceBox } from './crop.js';
import { HostCanvas } from './host-canvas.js';
import { withNormalisation } from './tflite-metadata.js';

export const FACE_MODELS = ['short_range', 'full_range', 'full_range_sparse'] as const;
export type FaceModel = (typeof FACE_MODELS)[number];

/** A detected face. MediaPipe keeps a box's origin in the picture but not its far side. */
export interface Face {
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

  static async create({ wasm, model, minScore }: DetectorParts): Promise<MediaPipeFaceDetector> {
    const runtime = '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
    const { default: factory } = (await import(runtime)) as { default: Factory };
    const silent = () => undefined;
    // The runtime's import sets this to console.warn and would write every log line of the native code there.
    Object.assign(globalThis, { custom_dbg: silent });
    const module = await factory({
      locateFile: () => wasmPath,
      print: silent,
      printErr: silent,
      instantiateWasm: (imports: unknown, done: (instance: unknown, module: unknown) => void) => {
        void WebAssembly.instantiate(wasm, imports).then((instance) => {
          done(instance, wasm);
        });
        return {};
      },
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

  /** Faces in the picture, largest box first. @throws RangeError when the bytes don't fit the size */
  detect(image: RgbaImage): readonly Face[] {
    const { width, height, data } = image;
    if (!(width > 0 && height > 0 && data.length === width * height * 4)) {
      throw new RangeError(`expected ${width}×${height}×4 bytes of RGBA, got ${data.length}`);
    }
    try {
      const { detections } = this.#detector.detect(image);
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
      throw error;
    }
  }

  close(): void {
    this.#failed = true;
    this.#detector.close();
  }
}
