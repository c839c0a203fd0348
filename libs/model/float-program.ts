import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sessionOptions } from './session-options.js';

/** An array with its shape. */
export interface Floats {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * A graph of float32 on the CPU that is run a few times and forgotten: weights as they lie in their file,
 * several cores. `run` blocks its thread: call it from a worker thread.
 */
export class FloatProgram {
  private constructor(private readonly session: InferenceSession) {}

  /** @param weightsFolder where the graph's weights point into; null where it has none */
  static async create(
    graph: Uint8Array,
    weightsFolder: string | null,
    threads: number,
  ): Promise<FloatProgram> {
    const options = sessionOptions('cpu', {
      disable_prepacking: '1',
      ...(weightsFolder === null
        ? {}
        : { model_external_initializers_file_folder_path: weightsFolder }),
    });
    return new FloatProgram(
      await InferenceSession.create(graph, { ...options, intraOpNumThreads: threads }),
    );
  }

  /** @returns the outputs by name @throws Error when an input doesn't fit the graph */
  async run(inputs: Readonly<Record<string, Floats>>): Promise<ReadonlyMap<string, Float32Array>> {
    const feeds = Object.entries(inputs).map(([name, { data, dims }]): [string, Tensor] => [
      name,
      new Tensor('float32', data, dims),
    ]);
    const outputs = await this.session.run(Object.fromEntries(feeds));
    return new Map(
      Object.entries(outputs).map(([name, { data }]) => {
        if (!(data instanceof Float32Array)) throw new Error(`expected float32 in ${name}`);
        return [name, data];
      }),
    );
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
