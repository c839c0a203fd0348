import { FloatProgram } from '../float-program.js';
import { Graph } from '../onnx/graph.js';

/** Row by row. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** `a · b`, at the speed of the runtime's kernels. */
export type MatrixProduct = (a: Matrix, b: Matrix) => Promise<Float32Array>;

/** Calls `use` with products that are there while it runs. */
export async function withMatrixProduct<T>(
  threads: number,
  use: (product: MatrixProduct) => Promise<T>,
): Promise<T> {
  const graph = new Graph({ folder: '', tensors: new Map() });
  graph.add('MatMul', ['a', 'b']);
  const type = 'float32';
  const inputs = [
    { name: 'a', type, dims: ['rows', 'inner'] },
    { name: 'b', type, dims: ['inner', 'columns'] },
  ] as const;
  const output = { name: 'product', dims: ['rows', 'columns'] };
  const program = await FloatProgram.create(graph.encode(inputs, output), null, threads);
  try {
    return await use(async (a, b) => {
      const { product } = Object.fromEntries(
        await program.run({
          a: { data: a.data, dims: [a.rows, a.columns] },
          b: { data: b.data, dims: [b.rows, b.columns] },
        }),
      );
      if (product === undefined) throw new Error('expected a product');
      return product;
    });
  } finally {
    await program.release();
  }
}

/** Rows `top` to `bottom` of columns `left` to `right`, copied; a `stride` is the width of the whole. */
export function block(
  whole: Float32Array,
  stride: number,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): Matrix {
  const [rows, columns] = [bottom - top, right - left];
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const from = (top + row) * stride;
    data.set(whole.subarray(from + left, from + right), row * columns);
  }
  return { data, rows, columns };
}

export function transposed({ data, rows, columns }: Matrix): Matrix {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1)
      turned[column * rows + row] = data[row * columns + column] as number;
  }
  return { data: turned, rows: columns, columns: rows };
}
