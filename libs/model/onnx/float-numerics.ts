import type { Graph } from './graph.js';
import type {
  AttentionInputs,
  AttentionShape,
  FloatType,
  LinearLayer,
  Numerics,
} from './numerics.js';

/** Float32 on the CPU: one fused operator for the attention, the fastest there. */
export const cpuFloat32: Numerics = {
  type: 'float32',
  revision: null,
  linear: gemm,
  attention: fusedAttention,
};

/**
 * Plain operators for GPUs. The fused attention of the WebGPU provider is off by 0.026 in the logits on some drivers;
 * these are within 1e-6 everywhere they were tried.
 */
export const gpuFloat32: Numerics = {
  type: 'float32',
  revision: null,
  linear: gemm,
  attention: plainAttention('float32'),
};

/** Half precision; the pooled picture and the classifier stay in float32. */
export const float16: Numerics = {
  type: 'float16',
  revision: null,
  linear: gemm,
  attention: plainAttention('float16'),
};

function gemm(
  graph: Graph,
  input: string,
  { name, inputs, outputs, hasBias }: LinearLayer,
): string {
  const weight = graph.weight(`${name}.weight`, [outputs, inputs]);
  const bias = hasBias ? [graph.weight(`${name}.bias`, [outputs])] : [];
  return graph.add('Gemm', [input, weight, ...bias], { transB: 1 });
}

function fusedAttention(
  graph: Graph,
  { query, key, value }: AttentionInputs,
  { tokens, heads, hiddenSize }: AttentionShape,
): string {
  const sequences = [query, key, value].map((input) =>
    graph.reshape(input, [-1, tokens, hiddenSize]),
  );
  const attended = graph.add('Attention', sequences, { q_num_heads: heads, kv_num_heads: heads });
  return graph.reshape(attended, [-1, hiddenSize]);
}

function plainAttention(type: FloatType): Numerics['attention'] {
  return (graph, { query, key, value }, { tokens, heads, hiddenSize }) => {
    const depth = hiddenSize / heads;
    const byHead = (input: string, perm: readonly number[]) =>
      graph.add('Transpose', [graph.reshape(input, [-1, tokens, heads, depth])], { perm });
    const scores = graph.add('MatMul', [
      graph.scale(byHead(query, [0, 2, 1, 3]), 1 / Math.sqrt(depth), type),
      byHead(key, [0, 2, 3, 1]),
    ]);
    const attended = graph.add('MatMul', [
      graph.add('Softmax', [scores], { axis: -1 }),
      byHead(value, [0, 2, 1, 3]),
    ]);
    return graph.reshape(graph.add('Transpose', [attended], { perm: [0, 2, 1, 3] }), [
      -1,
      hiddenSize,
    ]);
  };
}
