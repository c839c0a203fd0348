import { describe, expect, it } from 'vitest';
import { displaySize } from './display-size.js';

describe('displaySize', () => {
  it.each([
    ['1:1', 720, 576, 720, 576],
    ['64:45', 720, 576, 1024, 576],
    ['8:9', 720, 480, 720, 540],
    ['0:1', 720, 576, 720, 576],
    ['N/A', 720, 576, 720, 576],
    [undefined, 720, 576, 720, 576],
    ['1000:1', 720, 576, 720, 576],
    ['1:1000', 720, 576, 720, 576],
  ])('of pixels %s', (shape, width, height, shownWidth, shownHeight) => {
    expect(displaySize({ width, height }, shape)).toEqual({
      width: shownWidth,
      height: shownHeight,
    });
  });
});
