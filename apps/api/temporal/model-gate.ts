import type { LiveWorker } from '../../../libs/platform/fleet.js';
import type { ModelIdentity } from '../../../libs/platform/worker-identity.js';
import { Problem } from '../problems/problem.js';
import { hasModel, workersOf, type Fleet, type Withheld } from './fleet.js';
import { temporalUnavailable } from './temporal.js';

const RETRY_WHILE_LOADING_SECONDS = 5;

/**
 * What the workers of one model run: an analysis is filed under its fingerprint, so there must be exactly one.
 *
 * @throws Problem `temporal_unavailable`, `model_unavailable` or `model_mismatch`
 */
export function modelOf(fleet: Fleet, alias: string): ModelIdentity {
  if (!fleet.reachable) throw temporalUnavailable();
  const [model, ...others] = modelsOn(workersOf(fleet, alias).ready);
  if (model === undefined) throw unavailable(fleet, alias);
  if (others.length === 0) return model;
  const names = [model, ...others].map(describeModel).join('; ');
  throw new Problem(
    'model_mismatch',
    `Expected all inference workers of the model "${alias}" to run one and the same, got ${others.length + 1}: ${names}.`,
    { members: { model: alias } },
  );
}

/**
 * Lets a request pass of which is not known yet what model it wants.
 * @throws Problem what {@link modelOf} throws for the default model, when there is no other either
 */
export function refuseWithoutAnyModel(fleet: Fleet, defaultAlias: string): void {
  if (!hasModel(fleet)) modelOf(fleet, defaultAlias);
}

/**
 * With Worker Versioning: what is begun while no build is current, or its workers are away, waits in the queue.
 * @throws Problem `no_current_build`
 */
export function refuseWithheld({ withheld }: Fleet): void {
  if (withheld === null) return;
  throw new Problem('no_current_build', DETAILS[withheld], { members: { reason: withheld } });
}

const DETAILS: Readonly<Record<Withheld, string>> = {
  no_current_build: 'Workers are running, but none of their builds was made current.',
  current_build_away: 'Workers are running, but none of the build that is current.',
};

/** The different models that workers run: one, unless somebody mixed them up or is changing them. */
export function modelsOn(workers: readonly LiveWorker[]): readonly ModelIdentity[] {
  const models = new Map<string, ModelIdentity>();
  for (const { model } of workers) if (model !== null) models.set(model.fingerprint, model);
  return [...models.values()];
}

function unavailable(fleet: Fleet, alias: string): Problem {
  if (workersOf(fleet, alias).loading.length > 0) {
    return new Problem('model_unavailable', `The model "${alias}" is still loading.`, {
      members: { reason: 'loading', model: alias },
      headers: { 'retry-after': String(RETRY_WHILE_LOADING_SECONDS) },
    });
  }
  return new Problem(
    'model_unavailable',
    `No inference worker of the model "${alias}" is running.`,
    {
      members: { reason: 'no_worker', model: alias },
    },
  );
}

function describeModel({ id, revision, dtype, device, fingerprint }: ModelIdentity): string {
  return `${id} ${revision} ${dtype} on ${device} (${fingerprint})`;
}
