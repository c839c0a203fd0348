import { describe, expect, it } from 'vitest';
import { detectorView, LONGEST_SIDE } from './detector-view.js';

const blank = (width: number, height: number, channels: 3 | 4 = 3) => ({
  ...{ width, height, channels },
  data: new Uint8Array(width * height * channels),
});

describe('detectorView', () => {
  it('shows a picture of usual size itself', () => {
    const image = blank(LONGEST_SIDE, 3);
    expect(detectorView(image)).toEqual({ image, step: 1 });
    expect(detectorView(image).image).toBe(image);
  });

  it.each([
    [40_000, 100, 10, 4000, 10],
    [1, 40_000, 10, 1, 4000],
    [LONGEST_SIDE + 1, 7, 2, 2049, 4],
  ])('shows a part of the pixels of %i×%i', (width, height, step, columns, rows) => {
    const view = detectorView(blank(width, height));
    expect(view.step).toBe(step);
    expect([view.image.width, view.image.height]).toEqual([columns, rows]);
    expect(view.image.data).toHaveLength(columns * rows * 3);
  });

  it('takes the pixel in the middle of those that it stands for, with all its channels', () => {
    const image = blank(8192, 2, 4);
    image.data.set([1, 2, 3, 4], (8192 + 5) * 4);
    const { data } = detectorView(image).image;
    expect([...data.subarray(8, 12)]).toEqual([1, 2, 3, 4]);
    expect(data.filter((value) => value !== 0)).toHaveLength(4);
  });
});
