import { describe, expect, it } from 'vitest';
import { fakeProbability, fakeRuleOf, parseLabels } from './labels.js';

describe('parseLabels', () => {
  it('names two labels as transformers does when it leaves them out', () => {
    const labels = parseLabels(undefined);
    expect(() => fakeRuleOf(labels)).toThrow(/"LABEL_0", "LABEL_1".*MODEL_FAKE_LABEL/);
    expect(fakeRuleOf(labels, 'label_1')).toEqual({
      label: 'LABEL_1',
      index: 1,
      means: 'fake',
      because: 'it was named as the label that means fake',
    });
  });
});

describe('fakeRuleOf', () => {
  it.each([
    [['Fake', 'Real'], { index: 0, means: 'fake', label: 'Fake' }],
    [['Real', 'Deepfake'], { index: 1, means: 'fake', label: 'Deepfake' }],
    [['human', 'SYNTHETIC image'], { index: 1, means: 'fake', label: 'SYNTHETIC image' }],
    [['ai', 'real'], { index: 1, means: 'real', label: 'real' }],
    [['generated', 'edited', 'Authentic'], { index: 2, means: 'real', label: 'Authentic' }],
  ])('reads %j', (labels, rule) => {
    expect(fakeRuleOf(labels)).toMatchObject(rule);
  });

  it.each([
    [['LABEL_0', 'LABEL_1']],
    [['fake', 'not fake']],
    [['deepfake', 'synthetic', 'real']],
    [['realistic', 'real']],
  ])('refuses %j and names them', (labels) => {
    expect(() => fakeRuleOf(labels)).toThrow(labels.map((label) => `"${label}"`).join(', '));
  });
});

it('fakeRuleOf says why', () => {
  expect(fakeRuleOf(['Fake', 'Real']).because).toBe(
    'it is the only label with "fake" or the like in it',
  );
  expect(fakeRuleOf(['ai', 'real']).because).toMatch(/no label speaks of fakes.*"real"/);
});

describe('fakeProbability', () => {
  it('is the softmax of the fake label', () => {
    // torch.softmax of these float32 logits in float64.
    const logits = [1.8427189588546753, -3.5952632427215576];
    expect(fakeProbability(logits, fakeRuleOf(['Fake', 'Real']))).toBeCloseTo(
      0.9956705770925417,
      14,
    );
    expect(fakeProbability(logits, fakeRuleOf(['Real', 'Fake']))).toBeCloseTo(
      1 - 0.9956705770925417,
      14,
    );
  });

  it('is one minus the softmax of the real label where no label says fake', () => {
    expect(fakeProbability([0, 0, 0], fakeRuleOf(['ai', 'edited', 'real']))).toBeCloseTo(2 / 3, 15);
  });

  it('survives logits whose exponentials would overflow', () => {
    const rule = fakeRuleOf(['fake', 'real']);
    expect(fakeProbability([1000, 0], rule)).toBe(1);
    expect(fakeProbability([-1000, 1000], rule)).toBe(0);
  });
});
