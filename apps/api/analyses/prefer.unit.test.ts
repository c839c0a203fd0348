import { describe, expect, it } from 'vitest';
import { parsePrefer } from './prefer.js';

describe('parsePrefer', () => {
  it.each([
    [undefined, false, null],
    ['respond-async', true, null],
    ['Respond-Async', true, null],
    ['wait=10', false, 10],
    ['wait = "10"', false, 10],
    ['respond-async, wait=10', true, 10],
    ['wait=10, wait=20', false, 10],
    ['handling=lenient; x=1, wait=0', false, 0],
    [['wait=5', 'respond-async'], true, 5],
  ])('reads %j', (header, respondAsync, waitSeconds) => {
    expect(parsePrefer(header)).toEqual({ respondAsync, waitSeconds });
  });

  it.each([
    '',
    ',,',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=soon',
    'wait=1e3',
    'return=minimal',
  ])('takes %j for nothing said', (header) => {
    expect(parsePrefer(header)).toEqual({ respondAsync: false, waitSeconds: null });
  });
});
