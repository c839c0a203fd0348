import type { ModelIdentity } from '../../../libs/platform/worker-identity.js';
import { Problem } from '../problems/problem.js';
import type { Fleet } from './fleet-monitor.js';
import { temporalUnavailable } from './temporal.js';

const RETRY_WHILE_LOADING_SECONDS = 5;

/**
 * The model that the fleet runs: an analysis is filed under its fingerprint, so there must be exactly one.
 *
 * @throws Problem `temporal_unavailable`, `model_unavailable` or `model_mismatch`
 */
export function modelOf(fleet: Fleet): ModelIdentity {
  if (!fleet.reachable) throw temporalUnavailable();
  const models = new Map<string, ModelIdentity>();
  for (const { model } of fleet.ready) if (model !== null) models.set(model.fingerprint, model);
  const [model, ...others] = models.values();
  if (model === undefined) throw unavailable(fleet);
  if (others.length === 0) return model;
  const names = [...models.values()].map(describeModel).join('; ');
  throw new Problem(
    'model_mismatch',
    `Expected all inference workers to run one model, got ${models.size}: ${names}.`,
  );
}

function unavailable({ loading }: Fleet): Problem {
  if (loading.length > 0) {
    return new Problem('model_unavailable', 'The model is still loading.', {
      members: { reason: 'loading' },
      headers: { 'retry-after': String(RETRY_WHILE_LOADING_SECONDS) },
    });
  }
  return new Problem('model_unavailable', 'No inference worker is running.', {
    members: { reason: 'no_worker' },
  });
}

function describeModel({ id, revision, dtype, device, fingerprint }: ModelIdentity): string {
  return `${id} ${revision} ${dtype} on ${device} (${fingerprint})`;
}
