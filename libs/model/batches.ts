/** Something that scores several pictures in one run. */
export interface BatchRunner {
  /** @returns `count × labels` logits */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
}

/** How the runtimes of GPUs say that an allocation failed. */
const OUT_OF_MEMORY =
  /out.?of.?memory|failed to allocate|allocation (failed|failure)|CUDA_ERROR_OUT/i;

/**
 * Scores crops in runs of exactly `batch`, the last one filled up with blank crops: a run of another size may be computed
 * in another order, and a crop's score must not depend on how many came with it.
 *
 * When the device's memory is too small, the batch is halved and stays so.
 *
 * @returns the logits, `count × labels`, and the batch that fits
 * @throws what a run threw, out of memory too where the batch is one crop
 */
export async function runInBatches(
  runner: BatchRunner,
  pixels: Uint8Array,
  count: number,
  batch: number,
): Promise<{ readonly logits: Float32Array; readonly fits: number }> {
  const stride = pixels.length / count;
  const rows: Float32Array[] = [];
  let fits = batch;
  for (let first = 0; first < count;) {
    const part = pixels.subarray(first * stride, Math.min(count, first + fits) * stride);
    try {
      const logits = await runner.run(filledUp(part, fits * stride), fits);
      const real = part.length / stride;
      rows.push(logits.slice(0, (logits.length / fits) * real));
      first += real;
    } catch (error) {
      if (fits === 1 || !isOutOfMemory(error)) throw error;
      fits = Math.floor(fits / 2);
    }
  }
  return { logits: concatenate(rows), fits };
}

/** Blank behind what there is; the same memory where nothing is lacking. */
function filledUp(pixels: Uint8Array, length: number): Uint8Array {
  if (pixels.length === length) return pixels;
  const filled = new Uint8Array(length);
  filled.set(pixels);
  return filled;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && OUT_OF_MEMORY.test(error.message);
}

function concatenate(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
