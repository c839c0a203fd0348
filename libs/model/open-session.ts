import type { BatchRunner } from './batches.js';
import { Session, type SessionPlan } from './session.js';

/** Every kind of model that a thread can run. */
export type AnySessionPlan = SessionPlan;

/** @throws Error when the model or the device can't be had */
export function openSession(plan: AnySessionPlan): Promise<BatchRunner> {
  return Session.create(plan);
}
