import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../libs/platform/config/config.js';
import { targetOf } from './target.js';

const folder = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const config = parseConfig({
  MODEL_ID: 'owner/standard',
  MODEL_REVISION: 'v1',
  MODEL_FAKE_LABEL: 'Forged',
  MODEL_DTYPE: 'int8',
  MODELS: 'fast=owner/other@v2?dtype=int8-fast',
});

describe('targetOf', () => {
  it('takes the configured default model, as it is configured, when none is given', () => {
    expect(targetOf(undefined, {}, config)).toMatchObject({
      source: { modelId: 'owner/standard', revision: 'v1', path: null, hub: config.hub },
      dtype: 'int8',
      fakeLabel: 'Forged',
    });
  });

  it('takes a model by its alias, and lets options differ', () => {
    const target = targetOf('fast', { revision: 'v3', dtype: 'fp32', fakeLabel: 'x' }, config);
    expect(target).toMatchObject({
      source: { modelId: 'owner/other', revision: 'v3' },
      dtype: 'fp32',
      fakeLabel: 'x',
    });
  });

  it('takes a model of the hub, without what is said of the default one', () => {
    expect(targetOf('someone/else', {}, config)).toMatchObject({
      source: { modelId: 'someone/else', revision: 'main', path: null },
      fakeLabel: null,
    });
    expect(targetOf('someone/else@abc', {}, config).source.revision).toBe('abc');
  });

  it('takes a folder that is there', () => {
    const { source } = targetOf(folder, {}, config);
    expect(source).toMatchObject({ modelId: 'models', path: folder });
    expect(() => targetOf(folder, { revision: 'main' }, config)).toThrow(/--revision.*is a folder/);
    expect(() => targetOf('./nothing/here', {}, config)).toThrow('There is no folder');
  });

  it('refuses what is none of these, and names them', () => {
    expect(() => targetOf('nothing', {}, config)).toThrow(/owner\/name.*default, fast; got "nothing"/);
  });
});
