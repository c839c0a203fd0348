import { describe, expect, it } from 'vitest';
import { StopRequests } from './stop-requests.js';

describe('StopRequests', () => {
  it('takes what comes twice at once for one request, and a later one for impatience', () => {
    const requests = new StopRequests();
    expect([0, 3, 999, 1000, 5000].map((now) => requests.meaningOf(now))).toEqual([
      'drain',
      'repeated',
      'repeated',
      'force',
      'force',
    ]);
  });
});
