import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../libs/platform/config/config.js';
import { DEFAULT_MODEL } from '../../../workflows/contracts/queues.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { modelOf, refuseWithoutAnyModel } from '../temporal/model-gate.js';
import { CONFIG } from '../tokens.js';
import { wantedModel, type ModelWish } from './wanted-model.js';

/** The model that an analysis is for. */
export interface ChosenModel {
  readonly alias: string;
  /** Of what the model's workers run. */
  readonly fingerprint: string;
}

/** Chooses the model of a request among those that are configured, and looks whether it answers. */
@Injectable()
export class ModelChoice {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(FleetMonitor) private readonly fleet: FleetMonitor,
  ) {}

  /** @throws Problem `unknown_model`, `model_unavailable`, `model_mismatch` or `temporal_unavailable` */
  async of(wish: ModelWish): Promise<ChosenModel> {
    const { alias } = wantedModel(this.config.models, wish);
    const { fingerprint } = modelOf(await this.fleet.current(alias), alias);
    return { alias, fingerprint };
  }

  /**
   * Looks whether any model answers, for a request that may still say which one it wants.
   * @throws Problem `model_unavailable` or `temporal_unavailable`
   */
  async refuseWithoutAny(): Promise<void> {
    refuseWithoutAnyModel(await this.fleet.current(null), DEFAULT_MODEL);
  }

  /** What a request with this wish gets is decided: no field that may follow changes it, or there is but one model. */
  isDecided({ model }: ModelWish): boolean {
    return model !== null || this.config.models.length === 1;
  }
}
