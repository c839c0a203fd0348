import { describe, expect, it } from 'vitest';
import { waitingFor } from './waiting.js';

describe('waitingFor', () => {
  const limits = { usual: 15, longest: 60 };

  it.each([
    [false, null, 15, true, null, null],
    [true, null, 0, false, null, 'respond-async'],
    [false, 5, 5, false, 'wait=5', 'wait=5'],
    [false, 600, 60, false, 'wait=60', 'wait=60'],
    [false, 0, 0, false, 'wait=0', 'wait=0'],
    [true, 5, 5, false, 'wait=5', 'respond-async, wait=5'],
  ])(
    'respond-async %j, wait %j',
    (respondAsync, waitSeconds, seconds, isDefault, appliedInTime, appliedLater) => {
      expect(waitingFor({ respondAsync, waitSeconds }, limits)).toEqual({
        seconds,
        isDefault,
        appliedInTime,
        appliedLater,
      });
    },
  );
});
