import { describe, expect, it } from 'vitest';
import { orientationOfExif, orientationOfMatrix, quarterTurn } from './orientation.js';

const one = 65536;

describe('orientationOfMatrix', () => {
  it.each([
    ['upright', [one, 0, 0, 0, one], 0, false],
    ['a phone held upright', [0, one, 0, -one, 0], 90, false],
    ['upside down', [-one, 0, 0, 0, -one], 180, false],
    ['turned the other way', [0, -one, 0, one, 0], 270, false],
    ['mirrored left to right', [-one, 0, 0, 0, one], 0, true],
    ['mirrored top to bottom', [one, 0, 0, 0, -one], 180, true],
    ['mirrored about the diagonal', [0, one, 0, one, 0], 90, true],
    ['mirrored about the other diagonal', [0, -one, 0, -one, 0], 270, true],
    ['at an angle that is no quarter turn', [46341, 46341, 0, -46341, 46341], 0, false],
    ['without a matrix', [], 0, false],
  ])('reads a picture %s', (_, matrix, rotationDegrees, mirrored) => {
    expect(orientationOfMatrix(matrix)).toEqual({ rotationDegrees, mirrored });
  });
});

describe('orientationOfExif', () => {
  it('reads the eight values, and takes others for upright', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, undefined].map((v) => orientationOfExif(v))).toEqual(
      [
        [0, false],
        [0, true],
        [180, false],
        [180, true],
        [90, true],
        [90, false],
        [270, true],
        [270, false],
        [0, false],
        [0, false],
      ].map(([rotationDegrees, mirrored]) => ({ rotationDegrees, mirrored })),
    );
  });
});

describe('quarterTurn', () => {
  it('takes what is within a degree of one', () => {
    expect([0, 90.4, -90, 359.5, 450, 45, NaN].map(quarterTurn)).toEqual([
      ...[0, 90, 270, 0, 90, null, null],
    ]);
  });
});
