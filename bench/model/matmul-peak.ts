import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../libs/model/onnx/schema.js';

const ROWS = 784;
const SIDE = 3072;
const FLOAT = 1;

/** Billions of float32 operations a second that one thread reaches in nothing but a large matrix product. */
export async function matmulPeak(rounds: number): Promise<number> {
  const graph = encodeModel({
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'matmul',
      node: [{ opType: 'MatMul', name: 'matmul', input: ['a', 'b'], output: ['c'] }],
      input: [valueInfo('a', [ROWS, SIDE]), valueInfo('b', [SIDE, SIDE])],
      output: [valueInfo('c', [ROWS, SIDE])],
    },
  });
  const session = await InferenceSession.create(graph, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const a = new Tensor('float32', new Float32Array(ROWS * SIDE).fill(0.5), [ROWS, SIDE]);
  const b = new Tensor('float32', new Float32Array(SIDE * SIDE).fill(0.25), [SIDE, SIDE]);
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await session.run({ a, b });
    best = Math.max(best, (2 * ROWS * SIDE * SIDE) / ((performance.now() - began) * 1e6));
  }
  await session.release();
  return best;
}

function valueInfo(name: string, dims: readonly number[]): Record<string, unknown> {
  const dim = dims.map((side) => ({ dimValue: side }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}
