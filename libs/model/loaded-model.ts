import type { FakeRule } from './labels.js';
import type { AnySessionPlan } from './open-session.js';
import type { ProcessorConfig } from './processor-config.js';
import type { PackablePlan } from './session.js';

/** A model whose description is read and whose weights are known, and what sessions are made from. */
export interface LoadedModel {
  readonly architecture: string;
  readonly weightsSha256: string;
  /** Version of the code that made the graph; part of the fingerprint. */
  readonly graphBuilder: string;
  readonly processor: ProcessorConfig;
  /** By index of the logit. */
  readonly labels: readonly string[];
  readonly rule: FakeRule;
  /**
   * Reads, checks and converts the weights.
   * @throws ModelError naming a tensor that is not as it has to be
   */
  plan(): Promise<AnySessionPlan>;
  /** What sessions are made from once the weights were packed; null where they can't be. */
  readonly packable: PackablePlan | null;
}
