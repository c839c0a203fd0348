import { refusedField } from './config-fields.js';
import { isObject } from './json-file.js';
import { ModelError } from './model-error.js';

/** Which label tells the fake probability, and whether it is that label's probability or one minus it. */
export interface FakeRule {
  readonly label: string;
  readonly index: number;
  readonly means: 'fake' | 'real';
}

const FAKE_WORDS = ['deepfake', 'fake', 'synthetic'];
const REAL_WORDS = ['real', 'authentic'];

/** The labels by index of the logit. @param id2label of `config.json` @throws ModelError naming the index */
export function parseLabels(id2label: unknown): readonly string[] {
  if (!isObject(id2label))
    throw refusedField('config.json', 'id2label', 'an object of index to label', id2label);
  const count = Object.keys(id2label).length;
  return Array.from({ length: count }, (_, index) => {
    const label = id2label[String(index)];
    if (typeof label === 'string') return label;
    throw refusedField('config.json', `id2label.${index}`, 'a label', label);
  });
}

/**
 * Finds the label that means fake, else the one that means real, by its words.
 * @param fakeLabel the label that means fake, where the operator says so; in any case of letters
 * @throws ModelError when the labels don't tell
 */
export function fakeRuleOf(labels: readonly string[], fakeLabel: string | null = null): FakeRule {
  if (fakeLabel !== null) return namedRule(labels, fakeLabel);
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
    'expected exactly one label named fake, deepfake or synthetic (or else real or authentic), ' +
      `got ${quoted(labels)}: say which one means fake with MODEL_FAKE_LABEL`,
  );
}

function namedRule(labels: readonly string[], fakeLabel: string): FakeRule {
  const index = labels.findIndex((label) => label.toLowerCase() === fakeLabel.toLowerCase());
  const label = labels[index];
  if (label !== undefined) return { label, index, means: 'fake' };
  throw new ModelError(
    'model_unsupported',
    `expected MODEL_FAKE_LABEL to be one of the model's labels, ${quoted(labels)}, got "${fakeLabel}"`,
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

function quoted(labels: readonly string[]): string {
  return labels.map((label) => `"${label}"`).join(', ');
}
