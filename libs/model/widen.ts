import type { TensorType } from './safetensors.js';

/**
 * Values of half or brain floats as float32; exact, as every one of them has a float32 of the same value.
 * @param bytes little-endian, on an even offset
 */
export function widen(bytes: Uint8Array, type: Exclude<TensorType, 'F32'>): Float32Array {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const bits = new Uint32Array(halves.length);
  const bitsOf = type === 'BF16' ? (half: number) => half << 16 : float16Bits;
  for (let i = 0; i < halves.length; i += 1) bits[i] = bitsOf(halves[i] as number);
  return new Float32Array(bits.buffer);
}

/** Bits of the float32 of the same value as an IEEE 754 binary16. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the leading one out, an exponent less for each step.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
