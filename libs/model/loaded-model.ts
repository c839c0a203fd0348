import type { FakeRule } from './labels.js';
import type { ProcessorConfig } from './processor-config.js';
import type { SessionPlan } from './session.js';

/** A checkpoint that is read and checked, and what sessions are made from. */
export interface LoadedModel {
  readonly architecture: string;
  readonly weightsSha256: string;
  /** Version of the code that made the graph; part of the fingerprint. */
  readonly graphBuilder: string;
  readonly processor: ProcessorConfig;
  /** By index of the logit. */
  readonly labels: readonly string[];
  readonly rule: FakeRule;
  readonly plan: SessionPlan;
}
