import path from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { normalise } from './normalise.js';
import { INPUT_NAME, OUTPUT_NAME } from './onnx/names.js';
import type { Device } from './precision.js';
import { sessionOptions } from './session-options.js';

/**
 * How a session has the weights of its matrices:
 * - `mapped`: as they lie in their file, which all sessions share
 * - `own`: a copy for each session, in the order in which the processor's kernels read them
 * - `packed`: in that order already in their file, which all sessions share, see {@link Session.pack}
 */
export type WeightsLayout = 'mapped' | 'own' | 'packed';

/** What a session is made from. */
export interface SessionPlan {
  readonly kind: 'graph';
  /** Serialised ONNX model whose weights point into `weightsFolder`, or its file there. */
  readonly graph: Uint8Array | string;
  readonly weightsFolder: string;
  readonly inputSize: number;
  readonly device: Device;
  readonly layout: WeightsLayout;
  /** What each byte of a picture becomes, see {@link normalise}. */
  readonly table: Float32Array;
}

/** The one place that talks to ONNX Runtime. `run` blocks its thread: call it from a worker thread. */
export class Session {
  readonly #session: InferenceSession;
  readonly #plan: SessionPlan;
  /** One for all runs: made for each they would be garbage of which V8 hardly knows, see PixelSlots. */
  #values = new Float32Array(0);

  private constructor(session: InferenceSession, plan: SessionPlan) {
    this.#session = session;
    this.#plan = plan;
  }

  /** @throws Error when the model or the device can't be had; there is no other device that is taken instead */
  static async create(plan: SessionPlan): Promise<Session> {
    const { device, layout, weightsFolder } = plan;
    const options = sessionOptions(device, {
      disable_prepacking: layout === 'mapped' ? '1' : '0',
      model_external_initializers_file_folder_path: weightsFolder,
    });
    const session = await create(plan, {
      ...options,
      // What is packed was optimised before; done again it would only cost time.
      ...(layout === 'packed' ? { graphOptimizationLevel: 'disabled' } : {}),
    });
    return new Session(session, plan);
  }

  /**
   * Writes the optimised graph and its weights, as this machine's kernels read them, to files in `folder`. They hold for
   * this version of the runtime and this kind of processor alone.
   * @returns the plan of sessions that share these files
   */
  static async pack(plan: SessionPlan, folder: string): Promise<SessionPlan> {
    const options = sessionOptions(plan.device, {
      model_external_initializers_file_folder_path: plan.weightsFolder,
      save_external_prepacked_constant_initializers: '1',
      optimized_model_external_initializers_file_name: PACKED_WEIGHTS,
      optimized_model_external_initializers_min_size_in_bytes: '1024',
    });
    const graph = path.join(folder, PACKED_GRAPH);
    // It warns that what it writes holds for this machine alone.
    const session = await create(plan, {
      ...options,
      optimizedModelFilePath: graph,
      logSeverityLevel: 3,
    });
    await session.release();
    return packedPlan(plan, folder);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** Logits of `count` pictures of `size × size × 3` bytes, `count × labels`. */
  async run(pixels: Uint8Array, count: number): Promise<Float32Array> {
    const { inputSize, table } = this.#plan;
    const dims = [count, inputSize, inputSize, 3];
    if (this.#values.length !== pixels.length) this.#values = new Float32Array(pixels.length);
    const input = new Tensor('float32', normalise(pixels, table, this.#values), dims);
    const { [OUTPUT_NAME]: output } = await this.#session.run({ [INPUT_NAME]: input });
    if (!(output?.data instanceof Float32Array))
      throw new Error('expected float32 logits from the session');
    return output.data;
  }
}

/** What a plan has besides its graph and weights. */
export type PackablePlan = Omit<SessionPlan, 'graph' | 'weightsFolder' | 'layout'>;

/** The plan of sessions over files that {@link Session.pack} wrote for the same plan. */
export function packedPlan(plan: PackablePlan, folder: string): SessionPlan {
  return {
    ...plan,
    graph: path.join(folder, PACKED_GRAPH),
    weightsFolder: folder,
    layout: 'packed',
  };
}

const PACKED_GRAPH = 'graph.onnx';
const PACKED_WEIGHTS = 'weights.bin';

/** Version of ONNX Runtime. */
export const RUNTIME_VERSION = env.versions.node ?? '';

function create(
  { graph }: SessionPlan,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return typeof graph === 'string'
    ? InferenceSession.create(graph, options)
    : InferenceSession.create(graph, options);
}

/** Devices that this build of ONNX Runtime knows, each with whether its libraries came with the package. */
export function runtimeDevices(): readonly { readonly name: string; readonly bundled: boolean }[] {
  return listSupportedBackends();
}
