import type { ProcessorConfig, SiglipConfig } from '../config.js';
import type { WeightsFile } from '../weights.js';
import { Graph } from './graph.js';

/** Changes whenever the same checkpoint could give other numbers; part of a model's fingerprint. */
export const GRAPH_BUILDER_VERSION = 'siglip-1';

export const INPUT_NAME = 'pixels';
export const OUTPUT_NAME = 'logits';

/**
 * The ONNX model of a SigLIP image classifier.
 *
 * Input `pixels`: uint8 `[batch, size, size, 3]`, RGB at model size. Output `logits`: float32 `[batch, labels]`.
 * Patches → embedding + positions → pre-norm encoder layers → layer norm → mean over tokens → classifier
 * (Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023, as transformers' SiglipForImageClassification).
 */
export function buildSiglipGraph(
  config: SiglipConfig,
  processor: ProcessorConfig,
  weights: WeightsFile,
): Uint8Array {
  const { imageSize, patchSize: p, hiddenSize, labels } = config;
  const graph = new Graph(weights);
  const grid = imageSize / p;
  const tokens = grid * grid;

  const pixels = normalise(graph, processor);
  const tiles = graph.reshape(pixels, [-1, grid, p, grid, p, 3]);
  const patches = graph.add('Transpose', [tiles], { perm: [0, 1, 3, 5, 2, 4] });
  const embedded = linear(graph, graph.reshape(patches, [-1, 3 * p * p]), {
    name: 'vision_model.embeddings.patch_embedding',
    shape: [hiddenSize, 3 * p * p],
  });
  const positions = graph.weight('vision_model.embeddings.position_embedding.weight', [
    tokens,
    hiddenSize,
  ]);
  const placed = graph.add('Add', [graph.reshape(embedded, [-1, tokens, hiddenSize]), positions]);

  let hidden = graph.reshape(placed, [-1, hiddenSize]);
  for (let layer = 0; layer < config.layers; layer += 1)
    hidden = encoderLayer(graph, config, layer, tokens, hidden);
  const normed = layerNorm(graph, config, 'vision_model.post_layernorm', hidden);
  const axes = graph.constant('token_axis', BigInt64Array.of(1n), [1]);
  const pooled = graph.add('ReduceMean', [graph.reshape(normed, [-1, tokens, hiddenSize]), axes], {
    keepdims: 0,
  });
  linear(graph, pooled, { name: 'classifier', shape: [labels.length, hiddenSize] });
  return graph.encode(
    { name: INPUT_NAME, dims: ['batch', imageSize, imageSize, 3] },
    { name: OUTPUT_NAME, dims: ['batch', labels.length] },
  );
}

/**
 * Bytes to normalised values by table: 256 values a channel, computed in the steps and precisions of transformers'
 * Pillow image processor, which arithmetic in the graph would miss by a rounding.
 */
function normalise(graph: Graph, { rescaleFactor, mean, std }: ProcessorConfig): string {
  const table = new Float32Array(3 * 256);
  mean.forEach((centre, channel) => {
    const spread = Math.fround(std[channel] ?? 1);
    for (let byte = 0; byte < 256; byte += 1) {
      const rescaled = Math.fround(byte * rescaleFactor);
      table[channel * 256 + byte] = Math.fround(
        Math.fround(rescaled - Math.fround(centre)) / spread,
      );
    }
  });
  const indices = graph.add('Cast', [INPUT_NAME], { to: 6 });
  const offsets = graph.constant('channel_offsets', Int32Array.of(0, 256, 512), [3]);
  return graph.add('Gather', [
    graph.constant('normalised', table, [768]),
    graph.add('Add', [indices, offsets]),
  ]);
}

/** Pre-norm attention and MLP, each added to what came in. `hidden` is `[batch · tokens, hiddenSize]`. */
function encoderLayer(
  graph: Graph,
  config: SiglipConfig,
  layer: number,
  tokens: number,
  hidden: string,
): string {
  const { hiddenSize: h, intermediateSize: m, heads } = config;
  const prefix = `vision_model.encoder.layers.${layer}`;
  const before = layerNorm(graph, config, `${prefix}.layer_norm1`, hidden);
  const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((name) =>
    graph.reshape(linear(graph, before, { name: `${prefix}.self_attn.${name}`, shape: [h, h] }), [
      -1,
      tokens,
      h,
    ]),
  ) as [string, string, string];
  const attended = graph.add('Attention', [q, k, v], { q_num_heads: heads, kv_num_heads: heads });
  const projected = linear(graph, graph.reshape(attended, [-1, h]), {
    name: `${prefix}.self_attn.out_proj`,
    shape: [h, h],
  });
  const middle = graph.add('Add', [hidden, projected]);
  const widened = linear(graph, layerNorm(graph, config, `${prefix}.layer_norm2`, middle), {
    name: `${prefix}.mlp.fc1`,
    shape: [m, h],
  });
  const approximate = config.activation === 'gelu_pytorch_tanh' ? 'tanh' : 'none';
  const activated = graph.add('Gelu', [widened], { approximate });
  return graph.add('Add', [
    middle,
    linear(graph, activated, { name: `${prefix}.mlp.fc2`, shape: [h, m] }),
  ]);
}

function layerNorm(graph: Graph, config: SiglipConfig, name: string, input: string): string {
  const size = [config.hiddenSize];
  return graph.add(
    'LayerNormalization',
    [input, graph.weight(`${name}.weight`, size), graph.weight(`${name}.bias`, size)],
    { axis: -1, epsilon: { float: config.layerNormEpsilon } },
  );
}

/** `input · weightᵀ + bias` for `input` of two dimensions. */
function linear(
  graph: Graph,
  input: string,
  { name, shape }: { name: string; shape: readonly [number, number] },
): string {
  const weight = graph.weight(`${name}.weight`, shape);
  return graph.add('Gemm', [input, weight, graph.weight(`${name}.bias`, [shape[0]])], {
    transB: 1,
  });
}
