import { env, LogLevel, PreTrainedModel, Tensor } from '@huggingface/transformers';
import path from 'node:path';
import { ModelError } from './model-error.js';
import { ONNX_GRAPH } from './model-files.js';
import type { Device } from './precision.js';
import { sessionOptions } from './session-options.js';

/** What a session for a repository's own ONNX graph is made from. */
export interface TransformersPlan {
  readonly kind: 'transformers';
  /** Absolute; holds {@link ONNX_GRAPH}. */
  readonly folder: string;
  readonly inputSize: number;
  /** How many logits each picture must get. */
  readonly labels: number;
  readonly device: Device;
  /** The value of byte `b` in channel `c` at `c · 256 + b`. */
  readonly table: Float32Array;
}

const INPUT = 'pixel_values';
const OUTPUT = 'logits';

/** The part of ONNX Runtime's description of an input or output that is looked at; a free axis has a name. */
interface Port {
  readonly name: string;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/** The one place that talks to transformers.js. `run` blocks its thread: call it from a worker thread. */
export class TransformersSession {
  private constructor(
    private readonly model: PreTrainedModel,
    private readonly plan: TransformersPlan,
  ) {}

  /** @throws ModelError when the graph can't be read or is not that of an image classifier */
  static async create(plan: TransformersPlan): Promise<TransformersSession> {
    allowNothingBut(path.join(plan.folder, ONNX_GRAPH));
    const model = await open(plan);
    checkGraph(model, plan);
    return new TransformersSession(model, plan);
  }

  /** Logits of `count` pictures of `size × size × 3` bytes, `count × labels`. */
  async run(pixels: Uint8Array, count: number): Promise<Float32Array> {
    const { inputSize, labels, table } = this.plan;
    const dims = [count, 3, inputSize, inputSize];
    const input = new Tensor('float32', planes(pixels, count, table), dims);
    const { [OUTPUT]: output } = (await this.model.forward({ [INPUT]: input })) as {
      [OUTPUT]?: Tensor;
    };
    const data: unknown = output?.data;
    if (data instanceof Float32Array && data.length === count * labels) return data;
    throw unsuitable(
      `${labels} ${OUTPUT} a picture, as many as config.json has labels`,
      output?.dims,
    );
  }
}

/** Of all files that the library may ask for, it gets the graph's path; left to itself it would read it into memory first. */
function allowNothingBut(graphFile: string): void {
  env.allowRemoteModels = false;
  env.useFSCache = false;
  env.useBrowserCache = false;
  // Else it would look for the browsers' runtime.
  env.useWasmCache = false;
  env.useCustomCache = true;
  env.customCache = {
    match: (name: string) => Promise.resolve(name.endsWith(ONNX_GRAPH) ? graphFile : undefined),
    put: () => Promise.reject(new Error('expected nothing to be kept')),
  };
  // What goes wrong is thrown.
  env.logLevel = LogLevel.NONE;
}

async function open({ folder, device }: TransformersPlan): Promise<PreTrainedModel> {
  try {
    // The base class runs any graph that takes inputs and gives outputs; the automatic ones know fewer architectures than
    // there are repositories. The device and the precision are ours to say, not config.json's.
    return await PreTrainedModel.from_pretrained(folder, {
      config: { model_type: 'custom' } as never,
      local_files_only: true,
      device,
      dtype: 'fp32',
      session_options: sessionOptions(device),
    });
  } catch (cause) {
    // Other devices may be what is missing, which their own words tell.
    if (device !== 'cpu') throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(
      'model_invalid',
      `expected ${ONNX_GRAPH} to be a graph that ONNX Runtime can run, it said: ${message}`,
      { cause },
    );
  }
}

function checkGraph(model: PreTrainedModel, { inputSize, labels }: TransformersPlan): void {
  const { inputMetadata, outputMetadata } = model.sessions.model as {
    inputMetadata: readonly Port[];
    outputMetadata: readonly Port[];
  };
  const [input] = inputMetadata;
  if (inputMetadata.length !== 1 || input?.name !== INPUT)
    throw unsuitable(`the one input ${INPUT}`, inputMetadata.map(nameOf));
  if (!fits(input, ['', 3, inputSize, inputSize]))
    throw unsuitable(
      `${INPUT} as float32 of [batch, 3, ${inputSize}, ${inputSize}], the size in preprocessor_config.json`,
      input,
    );
  const output = outputMetadata.find(({ name }) => name === OUTPUT);
  if (output === undefined)
    throw unsuitable(`an output named ${OUTPUT}`, outputMetadata.map(nameOf));
  if (!fits(output, ['', labels]))
    throw unsuitable(
      `${OUTPUT} as float32 of [batch, ${labels}], as many as config.json has labels`,
      output,
    );
}

const nameOf = ({ name }: Port): string => name;

/** Whether it is float32 and all axes are as wanted or left free; a wanted `''` is anything. */
function fits({ type, shape = [] }: Port, wanted: readonly (number | '')[]): boolean {
  return (
    type === 'float32' &&
    shape.length === wanted.length &&
    shape.every((axis, i) => typeof axis !== 'number' || wanted[i] === '' || axis === wanted[i])
  );
}

function unsuitable(expected: string, got: unknown): ModelError {
  return new ModelError(
    'model_unsupported',
    `expected ${ONNX_GRAPH} to have ${expected}, got ${JSON.stringify(got) ?? 'nothing'}`,
  );
}

/** Bytes, RGB by pixel, to normalised values, one plane a channel. */
function planes(pixels: Uint8Array, count: number, table: Float32Array): Float32Array {
  const values = new Float32Array(pixels.length);
  const plane = pixels.length / count / 3;
  let at = 0;
  for (let first = 0; first < pixels.length; first += plane * 3) {
    for (let channel = 0; channel < 3; channel += 1) {
      for (let i = 0; i < plane; i += 1) {
        const byte = pixels[first + i * 3 + channel] as number;
        values[at++] = table[channel * 256 + byte] as number;
      }
    }
  }
  return values;
}
