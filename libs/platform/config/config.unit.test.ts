import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from './config.js';

describe('parseConfig', () => {
  it('has a default for everything', () => {
    const config = parseConfig({});
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 5000, syncWaitSeconds: 15 });
    expect(config.model).toMatchObject({
      modelId: 'prithivMLmods/Deepfake-Detect-Siglip2',
      path: null,
      dtype: 'fp32',
    });
  });

  it('names every wrong variable at once, with what was expected and what came', () => {
    const parse = () =>
      parseConfig({ PORT: 'http', MEDIA_ROOTS: 'frames', MODEL_DTYPE: 'int4', LOG_LEVEL: 'loud' });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(/PORT: expected a TCP port .* got "http"/);
    expect(parse).toThrow(/MEDIA_ROOTS: expected absolute folders .* got "frames"/);
    expect(parse).toThrow(/MODEL_DTYPE: expected fp32/);
    expect(parse).toThrow(/LOG_LEVEL: expected fatal/);
  });

  it('takes an empty value for not set, and never repeats a secret', () => {
    expect(parseConfig({ PORT: '', HF_TOKEN: '' }).http.port).toBe(5000);
    expect(parseConfig({ HF_TOKEN: 'hf_abc' }).model.hub.token).toBe('hf_abc');
  });

  it('follows the Hugging Face tools in where their cache is', () => {
    expect(parseConfig({ HF_HOME: '/models' }).model.hub.cacheDir).toBe('/models/hub');
    expect(parseConfig({ HF_HOME: '/models', HF_HUB_CACHE: '/c' }).model.hub.cacheDir).toBe('/c');
  });
});
