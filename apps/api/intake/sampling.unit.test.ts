import { describe, expect, it } from 'vitest';
import { Problem } from '../problems/problem.js';
import { parseOptions } from './fields.js';

const problemOf = (sampling: unknown): Problem => {
  try {
    parseOptions({ sampling });
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('expected a problem');
};

describe('options.sampling', () => {
  it.each([
    [{ policy: 'even' }, { policy: 'even', frames: 30 }],
    [
      { policy: 'even', frames: 1 },
      { policy: 'even', frames: 1 },
    ],
    [{ policy: 'fps' }, { policy: 'fps', fps: 1 }],
    [
      { fps: 2, policy: 'fps' },
      { policy: 'fps', fps: 2 },
    ],
    [
      { policy: 'fps', fps: 0.33333333 },
      { policy: 'fps', fps: 0.333 },
    ],
    [{ policy: 'keyframes' }, { policy: 'keyframes', fps: 1 }],
    [null, null],
    [undefined, null],
  ])('%j means %j', (given, meant) => {
    expect(parseOptions({ sampling: given }).sampling).toEqual(meant);
  });

  it.each([
    ['fps', 'options.sampling'],
    [{}, 'options.sampling.policy'],
    [{ policy: 'all' }, 'options.sampling.policy'],
    [{ policy: 'even', frames: 0 }, 'options.sampling.frames'],
    [{ policy: 'even', frames: 2001 }, 'options.sampling.frames'],
    [{ policy: 'even', frames: 1.5 }, 'options.sampling.frames'],
    [{ policy: 'even', fps: 2 }, 'options.sampling'],
    [{ policy: 'fps', fps: '2' }, 'options.sampling.fps'],
    [{ policy: 'fps', fps: 0.01 }, 'options.sampling.fps'],
    [{ policy: 'fps', fps: 31 }, 'options.sampling.fps'],
    [{ policy: 'keyframes', frames: 30 }, 'options.sampling'],
  ])('refuses %j and names %s', (given, field) => {
    const { code, members } = problemOf(given);
    expect(code).toBe('invalid_request');
    expect(members).toMatchObject({ errors: [{ field }] });
  });

  it('says what was expected', () => {
    expect(problemOf({ policy: 'all' }).message).toContain('"even", "fps", "keyframes"');
    expect(problemOf({ policy: 'fps', fps: 31 }).message).toContain('at most 30');
  });
});
