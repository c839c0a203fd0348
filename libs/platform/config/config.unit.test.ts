import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from './config.js';

describe('parseConfig', () => {
  it('has a default for everything', () => {
    const config = parseConfig({});
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 5000, syncWaitSeconds: 15 });
    expect(config.models).toMatchObject([
      {
        alias: 'default',
        modelId: 'prithivMLmods/Deepfake-Detect-Siglip2',
        path: null,
        dtype: 'fp32',
        device: 'cpu',
        fakeLabel: null,
      },
    ]);
    expect(config.accuracyGate).toBe('refuse');
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

  it('takes a build and its deployment together, or neither', () => {
    expect(parseConfig({}).workerVersion).toBeNull();
    const both = { WORKER_DEPLOYMENT_NAME: 'analysis', WORKER_BUILD_ID: '1.2' };
    expect(parseConfig(both).workerVersion).toEqual({
      deploymentName: 'analysis',
      buildId: '1.2',
      behavior: 'pinned',
    });
    expect(() => parseConfig({ WORKER_BUILD_ID: '1.2' })).toThrow(
      /WORKER_BUILD_ID: expected WORKER_DEPLOYMENT_NAME with it, got none/,
    );
  });

  it('takes an empty value for not set, and never repeats a secret', () => {
    expect(parseConfig({ PORT: '', HF_TOKEN: '' }).http.port).toBe(5000);
    expect(parseConfig({ HF_TOKEN: 'hf_abc' }).hub.token).toBe('hf_abc');
  });

  it('lists further models after the default one, which take over what is not theirs alone', () => {
    const { models } = parseConfig({
      MODEL_ID: 'owner/main',
      MODEL_DTYPE: 'int8',
      DEVICE: 'cpu',
      MODEL_FAKE_LABEL: 'Forged',
      INFERENCE_THREADS: '3',
      MODELS: 'exact=owner/main@v2?dtype=fp32,mine=./models/demo',
    });
    expect(models).toEqual([
      {
        alias: 'default',
        modelId: 'owner/main',
        revision: 'main',
        path: null,
        dtype: 'int8',
        device: 'cpu',
        fakeLabel: 'Forged',
        threads: 3,
      },
      {
        alias: 'exact',
        modelId: 'owner/main',
        revision: 'v2',
        path: null,
        dtype: 'fp32',
        device: 'cpu',
        // A label belongs to one model's own list of labels.
        fakeLabel: null,
        threads: 3,
      },
      {
        alias: 'mine',
        modelId: 'demo',
        revision: 'local',
        path: path.resolve('models/demo'),
        dtype: 'int8',
        device: 'cpu',
        fakeLabel: null,
        threads: 3,
      },
    ]);
  });

  it('names every wrong entry of MODELS beside other wrong variables', () => {
    const parse = () => parseConfig({ PORT: 'http', MODELS: 'default=/m,x=y?dtype=int4' });
    expect(parse).toThrow(/PORT: /);
    expect(parse).toThrow(/MODELS: "default" is the model of MODEL_ID/);
    expect(parse).toThrow(/MODELS: expected alias=owner.* got "x=y/);
    expect(parse).toThrow(/MODELS: expected dtype of "x" to be fp32, .* got "int4"/);
  });

  it('follows the Hugging Face tools in where their cache is', () => {
    expect(parseConfig({ HF_HOME: '/models' }).hub.cacheDir).toBe('/models/hub');
    expect(parseConfig({ HF_HOME: '/models', HF_HUB_CACHE: '/c' }).hub.cacheDir).toBe('/c');
  });
});
