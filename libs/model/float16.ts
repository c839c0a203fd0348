/**
 * Float32 values as IEEE 754 binary16, rounded to nearest, ties to even.
 * @throws RangeError when a value is beyond half precision's ±65504
 */
export function narrow(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i += 1) halves[i] = halfBits(bits[i] as number);
  return halves;
}

function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) throw new RangeError('expected values within ±65504');
  if (exponent < -10) return sign;
  // Subnormals keep the implicit one, shifted.
  const shift = exponent <= 0 ? 14 - exponent : 13;
  const significand = exponent <= 0 ? fraction | 0x800000 : fraction;
  const kept = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the fraction runs into the exponent, which is just what rounding up means.
  const magnitude = (exponent <= 0 ? 0 : exponent << 10) + kept + up;
  if (magnitude >= 0x7c00) throw new RangeError('expected values within ±65504');
  return sign | magnitude;
}
