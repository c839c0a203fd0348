/** Whole numbers of 32 bits, 0..2³² − 1, the same everywhere for a seed: Marsaglia's xorshift ("Xorshift RNGs", 2003). */
export function xorshift(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** The same as parts of one, 0 ≤ x < 1. */
export function xorshiftParts(seed: number): () => number {
  const next = xorshift(seed);
  return () => next() / 2 ** 32;
}
