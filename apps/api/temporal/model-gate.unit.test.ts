import { describe, expect, it } from 'vitest';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import { Problem } from '../problems/problem.js';
import type { Fleet } from './fleet-monitor.js';
import { modelOf } from './model-gate.js';

const worker = (fingerprint: string): LiveWorker => ({
  role: 'inference',
  state: 'ready',
  host: 'host',
  pid: 1,
  taskQueue: 'inference',
  model: { id: 'owner/model', revision: 'main', dtype: 'fp32', device: 'cpu', fingerprint },
});
const fleet: Fleet = { seenAt: 0, reachable: true, ready: [], loading: [], media: [] };

function problemOf(seen: Fleet): Problem {
  try {
    modelOf(seen);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('expected a problem');
}

describe('modelOf', () => {
  it('is the one model of all ready workers', () => {
    expect(modelOf({ ...fleet, ready: [worker('a'), worker('a')] }).fingerprint).toBe('a');
  });

  it('names the models when workers run different ones', () => {
    const problem = problemOf({ ...fleet, ready: [worker('a'), worker('b')] });
    expect(problem.code).toBe('model_mismatch');
    expect(problem.message).toMatch(/\(a\).*\(b\)/);
  });

  it('tells loading, nobody and no Temporal apart, each with a time to come back', () => {
    const loading = problemOf({ ...fleet, loading: [{ ...worker(''), state: 'loading' }] });
    expect(loading).toMatchObject({ code: 'model_unavailable', members: { reason: 'loading' } });
    const nobody = problemOf(fleet);
    expect(nobody).toMatchObject({ code: 'model_unavailable', members: { reason: 'no_worker' } });
    const unreachable = problemOf({ ...fleet, reachable: false });
    expect(unreachable.code).toBe('temporal_unavailable');
    for (const problem of [loading, nobody, unreachable]) {
      expect(Number(problem.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
});
