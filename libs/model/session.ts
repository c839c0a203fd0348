import { InferenceSession, Tensor } from 'onnxruntime-node';
import { INPUT_NAME, OUTPUT_NAME } from './onnx/siglip-graph.js';

/** What a session is made from. */
export interface SessionPlan {
  /** Serialised ONNX model whose weights point into `weightsFolder`. */
  readonly graph: Uint8Array;
  readonly weightsFolder: string;
  readonly inputSize: number;
}

/** The one place that talks to ONNX Runtime. `run` blocks its thread: call it from a worker thread. */
export class Session {
  readonly #session: InferenceSession;
  readonly #size: number;

  private constructor(session: InferenceSession, size: number) {
    this.#session = session;
    this.#size = size;
  }

  /** One CPU thread a session: several sessions in several threads beat one that spins on all cores. */
  static async create({ graph, weightsFolder, inputSize }: SessionPlan): Promise<Session> {
    const session = await InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      extra: {
        session: {
          // Weights stay mapped from their file, shared by all threads, instead of one repacked copy each.
          disable_prepacking: '1',
          model_external_initializers_file_folder_path: weightsFolder,
          intra_op: { allow_spinning: '0' },
        },
      },
    });
    return new Session(session, inputSize);
  }

  /** Logits of one picture of `size × size × 3` bytes. */
  async run(pixels: Uint8Array): Promise<Float32Array> {
    const input = new Tensor('uint8', pixels, [1, this.#size, this.#size, 3]);
    const { [OUTPUT_NAME]: output } = await this.#session.run({ [INPUT_NAME]: input });
    if (!(output?.data instanceof Float32Array))
      throw new Error('expected float32 logits from the session');
    return output.data;
  }
}
