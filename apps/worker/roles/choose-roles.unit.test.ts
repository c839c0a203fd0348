import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../../libs/platform/config/config.js';
import { chooseRoles } from './choose-roles.js';

const { models } = parseConfig({ MODELS: 'fast=owner/name,exact=/models/exact' });
const choose = (...args: string[]) => {
  const { name, choices } = chooseRoles(args, models);
  return [name, choices.map((choice) => (choice.role === 'media' ? 'media' : choice.model.alias))];
};

describe('chooseRoles', () => {
  it('gives an inference worker one model, the default one unless told otherwise', () => {
    expect(choose('media')).toEqual(['media', ['media']]);
    expect(choose('inference')).toEqual(['inference', ['default']]);
    expect(choose('inference', 'default')).toEqual(['inference', ['default']]);
    expect(choose('inference', 'fast')).toEqual(['inference-fast', ['fast']]);
  });

  it('has all models in one process for the role all', () => {
    expect(choose('all')).toEqual(['all', ['media', 'default', 'fast', 'exact']]);
  });

  it('names what there is when asked for something else', () => {
    expect(() => choose('inference', 'slow')).toThrow(ConfigError);
    expect(() => choose('inference', 'slow')).toThrow(/\(default, fast, exact\).* got "slow"/);
    expect(() => choose()).toThrow('expected a role (media, inference, all) as argument, got ""');
    expect(() => choose('all', 'fast')).toThrow('after the role "all", got "fast"');
  });
});
