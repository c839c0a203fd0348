import { ModelError } from './model-error.js';

/** Which label tells the fake probability, and whether it is that label's probability or one minus it. */
export interface FakeRule {
  readonly label: string;
  readonly index: number;
  readonly means: 'fake' | 'real';
}

const FAKE_WORDS = ['deepfake', 'fake', 'synthetic'];
const REAL_WORDS = ['real', 'authentic'];

/**
 * Finds the label that means fake, else the one that means real, by its words.
 * @throws ModelError when the labels don't tell
 */
export function fakeRuleOf(labels: readonly string[]): FakeRule {
  for (const [means, words] of [
    ['fake', FAKE_WORDS],
    ['real', REAL_WORDS],
  ] as const) {
    const found = labels.flatMap((label, index) =>
      words.some((word) => label.toLowerCase().includes(word)) ? [{ label, index, means }] : [],
    );
    if (found.length === 1 && found[0] !== undefined) return found[0];
    if (found.length > 1) break;
  }
  throw new ModelError(
    'model_unsupported',
    `expected exactly one label named fake, deepfake or synthetic (or else real or authentic), got ${labels
      .map((label) => `"${label}"`)
      .join(', ')}`,
  );
}

/** Softmax over the logits, then the fake probability (0..1) by the rule; in float64. */
export function fakeProbability(logits: ArrayLike<number>, rule: FakeRule): number {
  const values = Array.from(logits);
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const share = (powers[rule.index] ?? NaN) / powers.reduce((sum, power) => sum + power, 0);
  return rule.means === 'fake' ? share : 1 - share;
}
