import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../libs/platform/config/config.js';
import { Problem } from '../problems/problem.js';
import { wantedModel } from './wanted-model.js';

const { models } = parseConfig({ MODELS: 'fast=owner/name,v2=/models/second' });
const wanted = (model: string | null, modelVersion: string | null) =>
  wantedModel(models, { model, modelVersion }).alias;

describe('wantedModel', () => {
  it.each([
    [null, null, 'default'],
    [null, 'fast', 'fast'],
    [null, 'v2', 'v2'],
    [null, 'v1', 'default'],
    [null, 'FAST', 'default'],
    ['fast', null, 'fast'],
    ['default', 'fast', 'default'],
    ['fast', 'v2', 'fast'],
  ])('options.model %j and modelVersion %j mean %s', (model, modelVersion, alias) => {
    expect(wanted(model, modelVersion)).toBe(alias);
  });

  it('refuses an unknown options.model whatever modelVersion is, and names the known ones', () => {
    expect(() => wanted('slow', 'fast')).toThrow(Problem);
    expect(() => wanted('slow', 'fast')).toThrow(
      'Expected options.model to be default or fast or v2, got "slow".',
    );
  });
});
