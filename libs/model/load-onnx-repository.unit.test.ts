import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TRANSFORMERS_VERSION } from './load-onnx-repository.js';

it('puts the version of transformers.js that is installed into the fingerprint', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  expect(TRANSFORMERS_VERSION).toBe(
    `transformers.js-${dependencies['@huggingface/transformers'] ?? 'none'}`,
  );
});
