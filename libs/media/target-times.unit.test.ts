import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisionTree, latestMicros, standsFor, targetsBefore } from './target-times.js';

/** Evaluates `if(gt(PTS,x),a,b)` as ffmpeg does. */
function evaluate(expression: string, pts: number): number {
  let at = 0;
  const take = (text: string) => {
    expect(expression.slice(at, at + text.length)).toBe(text);
    at += text.length;
  };
  const number = () => {
    const text = /^-?[\d.]+/.exec(expression.slice(at))?.[0] ?? '';
    at += text.length;
    return Number(text);
  };
  const value = (): number => {
    if (!expression.startsWith('if', at)) return number();
    take('if(gt(PTS,');
    const limit = number();
    take('),');
    const above = value();
    take(',');
    const below = value();
    take(')');
    return pts > limit ? above : below;
  };
  const result = value();
  expect(at).toBe(expression.length);
  return result;
}

describe('target times', () => {
  it('take a frame that begins up to a millisecond after its target', () => {
    const latest = latestMicros([0, 1]);
    expect([0, 1000, 1001, 1_001_000, 1_001_001].map((t) => targetsBefore(latest, t))).toEqual([
      0, 0, 1, 1, 2,
    ]);
  });

  it('are the same written out for ffmpeg', () => {
    const seconds = fc.double({ min: -5, max: 14_400, noNaN: true });
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 70 }), fc.array(seconds), (targets, frames) => {
        const latest = latestMicros(targets.sort((a, b) => a - b));
        const tree = decisionTree(latest);
        for (const micros of [...frames, ...targets].map((t) => Math.round(t * 1e6))) {
          const before = targetsBefore(latest, micros);
          expect(before).toBe(latest.filter((limit) => limit < micros).length);
          expect(evaluate(tree, micros)).toBe(before);
        }
      }),
    );
  });

  it('need no more of a command line than it holds', () => {
    const targets = Array.from({ length: 2000 }, (_, i) => i * 7.2);
    // Linux takes 128 KiB for one argument.
    expect(decisionTree(latestMicros(targets)).length).toBeLessThan(100_000);
  });
});

describe('standsFor', () => {
  const constant = { frameRate: 25, variableFrameRate: false };
  const variable = { frameRate: 8, variableFrameRate: true };
  const at = (seconds: number, followed = true) => ({ seconds, followed });

  it('takes the frame on screen', () => {
    expect(standsFor(2, at(2), constant)).toBe(true);
    expect(standsFor(2, at(1.96), constant)).toBe(true);
  });

  it('takes a hole in video of constant rate for damage', () => {
    expect(standsFor(2, at(1), constant)).toBe(true);
    expect(standsFor(2, at(0.99), constant)).toBe(false);
  });

  it('lets a frame stay in video of variable rate until the next', () => {
    expect(standsFor(20, at(2), variable)).toBe(true);
    expect(standsFor(20, at(2, false), variable)).toBe(false);
  });

  it('knows that slow video holds each frame long', () => {
    const slow = { frameRate: 0.2, variableFrameRate: false };
    expect(standsFor(14.9, at(10, false), slow)).toBe(true);
    expect(standsFor(18, at(10, false), slow)).toBe(false);
  });

  it('takes no frame that comes more than half an interval after the target', () => {
    expect(standsFor(2, at(2.02), constant)).toBe(true);
    expect(standsFor(2, at(2.03), constant)).toBe(false);
  });
});
