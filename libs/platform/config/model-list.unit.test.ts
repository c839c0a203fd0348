import { describe, expect, it } from 'vitest';
import { parseModelList } from './model-list.js';

const parse = (text: string) => {
  const problems: string[] = [];
  return { models: parseModelList(text, (problem) => problems.push(problem)), problems };
};

describe('parseModelList', () => {
  it('reads hub repositories and folders, with what differs for each', () => {
    const { models, problems } = parse(
      'fast=owner/some.name@v1.0?dtype=int8&device=webgpu, big=owner/name,mine=./models/demo?fake_label=AI%20made',
    );
    expect(problems).toEqual([]);
    expect(models).toEqual([
      {
        alias: 'fast',
        source: { kind: 'hub', modelId: 'owner/some.name', revision: 'v1.0' },
        dtype: 'int8',
        device: 'webgpu',
        fakeLabel: null,
      },
      {
        alias: 'big',
        source: { kind: 'hub', modelId: 'owner/name', revision: 'main' },
        dtype: null,
        device: null,
        fakeLabel: null,
      },
      {
        alias: 'mine',
        source: { kind: 'folder', path: './models/demo' },
        dtype: null,
        device: null,
        fakeLabel: 'AI made',
      },
    ]);
  });

  it('names everything that is wrong at once', () => {
    const { problems } = parse(
      'nothing,Fast=owner/name,default=owner/name,a=name,b=/m?dtype=int4&speed=1,c=/m,c=/n',
    );
    expect(problems).toEqual([
      expect.stringMatching(/^expected alias=owner\/name.* got "nothing"$/),
      expect.stringMatching(/^expected an alias of at most 32 lower-case .* got "Fast"$/),
      expect.stringMatching(/^"default" is the model of MODEL_ID/),
      expect.stringMatching(/^expected alias=owner\/name.* got "a=name"$/),
      'expected dtype, device, fake_label after the "?" of "b", got "speed"',
      'expected dtype of "b" to be fp32, fp16, int8, int8-fast, got "int4"',
      'expected each alias once, got "c" twice',
    ]);
  });

  it.each([
    `${'a'.repeat(33)}=/m`,
    'a b=/m',
    'a/b=/m',
    '=/m',
    'a=',
    'a=/m?x?y',
    'a=/m?dtype=fp32&dtype=fp16',
  ])('refuses %j', (text) => {
    expect(parse(text).problems).toHaveLength(1);
  });
});
