import { expect, it } from 'vitest';
import { difference, megabytes } from './units.js';

it.each([
  [354, '0.4 kB'],
  [99_999, '100.0 kB'],
  [100_000, '0.1 MB'],
  [371_563_976, '371.6 MB'],
])('megabytes(%i) is %s', (bytes, text) => {
  expect(megabytes(bytes)).toBe(text);
});

it.each([
  [0, '0'],
  [1e-5, '1e-5'],
  [4.23e-7, '4.2e-7'],
  [0.00314, '0.0031'],
  [0.01, '0.01'],
])('difference(%d) is %s', (value, text) => {
  expect(difference(value)).toBe(text);
});
