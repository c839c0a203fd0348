import { describe, expect, it } from 'vitest';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import { Problem } from '../problems/problem.js';
import type { Fleet, ModelWorkers } from './fleet.js';
import { modelOf, refuseWithoutAnyModel } from './model-gate.js';

const worker = (fingerprint: string): LiveWorker => ({
  role: 'inference',
  state: 'ready',
  host: 'host',
  pid: 1,
  taskQueue: 'inference',
  activitySlots: 3,
  build: null,
  model: {
    id: 'owner/model',
    revision: 'main',
    dtype: 'fp32',
    device: 'cpu',
    fingerprint,
    architecture: '',
    weights: '',
    fakeLabel: '',
    graphBuilder: '',
    processor: '',
    accuracy: '',
  },
});
const fleetOf = (models: Record<string, Partial<ModelWorkers>> = {}, reachable = true): Fleet => ({
  seenAt: 0,
  reachable,
  models: new Map(
    Object.entries(models).map(([alias, workers]) => [
      alias,
      { ready: [], loading: [], ...workers },
    ]),
  ),
  media: [],
  sideQueues: new Set(),
  withheld: null,
});

function problemOf(seen: Fleet, alias = 'default'): Problem {
  try {
    modelOf(seen, alias);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('expected a problem');
}

describe('modelOf', () => {
  const mixed = fleetOf({
    default: { ready: [worker('a'), worker('a')] },
    fast: { ready: [worker('b')] },
    odd: { ready: [worker('a'), worker('b')] },
  });

  it('is the one model of all ready workers that were started for it', () => {
    expect(modelOf(mixed, 'default').fingerprint).toBe('a');
    expect(modelOf(mixed, 'fast').fingerprint).toBe('b');
  });

  it('names the models when workers of one alias run different ones', () => {
    const problem = problemOf(mixed, 'odd');
    expect(problem.code).toBe('model_mismatch');
    expect(problem.message).toMatch(/"odd".*\(a\).*\(b\)/);
  });

  it('tells loading, nobody and no Temporal apart, each with a time to come back', () => {
    const ready = [worker('a')];
    const loading = problemOf(
      fleetOf({ default: { loading: [{ ...worker(''), state: 'loading' }] }, fast: { ready } }),
    );
    expect(loading).toMatchObject({
      code: 'model_unavailable',
      members: { reason: 'loading', model: 'default' },
    });
    const nobody = problemOf(fleetOf({ default: { ready } }), 'fast');
    expect(nobody).toMatchObject({
      code: 'model_unavailable',
      members: { reason: 'no_worker', model: 'fast' },
    });
    const unreachable = problemOf(fleetOf({}, false));
    expect(unreachable.code).toBe('temporal_unavailable');
    for (const problem of [loading, nobody, unreachable]) {
      expect(Number(problem.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
});

describe('refuseWithoutAnyModel', () => {
  it('lets pass as long as one model is there', () => {
    const other = fleetOf({ default: {}, fast: { ready: [worker('a')] } });
    expect(() => refuseWithoutAnyModel(other, 'default')).not.toThrow();
    expect(() => refuseWithoutAnyModel(fleetOf({ fast: {} }), 'default')).toThrow(Problem);
    expect(() => refuseWithoutAnyModel(fleetOf({}, false), 'default')).toThrow(Problem);
  });
});
