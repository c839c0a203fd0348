import { refusedField } from './config-fields.js';
import { isObject } from './json-file.js';
import { ModelError } from './model-error.js';

/** Which label tells the fake probability, and whether it is that label's probability or one minus it. */
export interface FakeRule {
  readonly label: string;
  readonly index: number;
  readonly means: 'fake' | 'real';
  /** Why it is this one, for people. */
  readonly because: string;
}

const FAKE_WORDS = ['deepfake', 'fake', 'synthetic'];
const REAL_WORDS = ['real', 'authentic'];

/** What transformers calls two labels without names; it then leaves them out of `config.json`. */
const NAMELESS = ['LABEL_0', 'LABEL_1'];

/** The labels by index of the logit. @param id2label of `config.json` @throws ModelError naming the index */
export function parseLabels(id2label: unknown): readonly string[] {
  if (id2label === undefined) return NAMELESS;
  if (!isObject(id2label))
    throw refusedField('config.json', 'id2label', 'an object of index to label', id2label);
  const count = Object.keys(id2label).length;
  // The one label of a single logit would always have all of the probability.
  if (count < 2) throw refusedField('config.json', 'id2label', 'two labels or more', id2label);
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
    const found = labels.flatMap((label, index) => {
      const word = words.find((each) => label.toLowerCase().includes(each));
      return word === undefined ? [] : [{ label, index, means, because: reasonOf(means, word) }];
    });
    if (found.length === 1 && found[0] !== undefined) return found[0];
    if (found.length > 1) break;
  }
  throw new ModelError(
    'model_unsupported',
    'expected exactly one label named fake, deepfake or synthetic (or else real or authentic), ' +
      `got ${quoted(labels)}: say which one means fake with MODEL_FAKE_LABEL`,
  );
}

function reasonOf(means: FakeRule['means'], word: string): string {
  return means === 'fake'
    ? `it is the only label with "${word}" or the like in it`
    : `no label speaks of fakes, and it is the only one with "${word}" or the like in it`;
}

function namedRule(labels: readonly string[], fakeLabel: string): FakeRule {
  const index = labels.findIndex((label) => label.toLowerCase() === fakeLabel.toLowerCase());
  const label = labels[index];
  if (label !== undefined)
    return { label, index, means: 'fake', because: 'it was named as the label that means fake' };
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
