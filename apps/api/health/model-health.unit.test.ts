import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../libs/platform/config/config.js';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import { modelHealth } from './model-health.js';

const { models } = parseConfig({ MODELS: 'mine=/srv/secret/detector?dtype=int8' });
const mine = models[1]!;
const worker = (state: LiveWorker['state'], fingerprint: string): LiveWorker => ({
  role: 'inference',
  state,
  host: 'host',
  pid: 1,
  taskQueue: 'inference-mine',
  activitySlots: 3,
  build: null,
  model: {
    id: 'owner/detector',
    revision: 'abc',
    dtype: 'int8',
    device: 'cpu',
    fingerprint,
    architecture: fingerprint && 'SiglipForImageClassification',
    weights: fingerprint && 'abcd',
    fakeLabel: fingerprint && 'Fake',
    graphBuilder: fingerprint && 'builder-1',
    processor: fingerprint && '224 2',
    accuracy: fingerprint && '16,0.0031,8.2e-7,0.01',
  },
});

describe('modelHealth', () => {
  it('tells what is configured while no worker lives, and no path', () => {
    expect(modelHealth(mine, { ready: [], loading: [] })).toEqual({
      alias: 'mine',
      id: 'detector',
      status: 'not_loaded',
      revision: null,
      dtype: 'int8',
      device: 'cpu',
      fingerprint: null,
      architecture: null,
      weights_sha256: null,
      fake_label: null,
      graph_builder: null,
      processor: null,
      accuracy: null,
      workers: 0,
      mixed: false,
    });
  });

  it('tells what a worker says it loads, then what it runs', () => {
    const loading = [worker('loading', '')];
    expect(modelHealth(mine, { ready: [], loading })).toMatchObject({
      status: 'loading',
      id: 'owner/detector',
      revision: 'abc',
      fingerprint: null,
      accuracy: null,
      workers: 0,
    });
    expect(modelHealth(mine, { ready: [worker('ready', 'f')], loading })).toMatchObject({
      status: 'loaded',
      fingerprint: 'f',
      architecture: 'SiglipForImageClassification',
      weights_sha256: 'abcd',
      fake_label: 'Fake',
      accuracy: { pictures: 16, max_difference: 0.0031, mean_difference: 8.2e-7, bound: 0.01 },
      workers: 1,
      mixed: false,
    });
  });

  it('tells when its workers differ', () => {
    const ready = [worker('ready', 'f'), worker('ready', 'g')];
    expect(modelHealth(mine, { ready, loading: [] })).toMatchObject({ workers: 2, mixed: true });
  });
});
