import type { BatchRunner } from './batches.js';
import { Session, type SessionPlan } from './session.js';
import type { TransformersPlan } from './transformers-session.js';

/** Every kind of model that a thread can run. */
export type AnySessionPlan = SessionPlan | TransformersPlan;

/** @throws Error when the model or the device can't be had */
export async function openSession(plan: AnySessionPlan): Promise<BatchRunner> {
  switch (plan.kind) {
    case 'graph':
      return Session.create(plan);
    case 'transformers': {
      // Only when it is needed: it brings libraries that no other model has a use for.
      const { TransformersSession } = await import('./transformers-session.js');
      return TransformersSession.create(plan);
    }
  }
}
