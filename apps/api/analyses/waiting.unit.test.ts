import { describe, expect, it } from 'vitest';
import { waitingFor } from './waiting.js';

describe('waitingFor', () => {
  const limits = { usual: 15, longest: 60 };

  it.each([
    [false, null, 15, true, null],
    [true, null, 0, false, 'respond-async'],
    [false, 5, 5, false, 'wait=5'],
    [false, 600, 60, false, 'wait=60'],
    [false, 0, 0, false, 'wait=0'],
    [true, 5, 5, false, 'respond-async, wait=5'],
  ])('respond-async %j, wait %j', (respondAsync, waitSeconds, seconds, isDefault, applied) => {
    expect(waitingFor({ respondAsync, waitSeconds }, limits)).toEqual({
      seconds,
      isDefault,
      applied,
    });
  });
});
