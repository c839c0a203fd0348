import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from '../../../libs/platform/config/config.js';

/** Where a Temporal server runs already: TEMPORAL_ADDRESS, else what Temporal's own profile file says, else null. */
export function configuredTemporalAddress(config: Config): string | null {
  if (config.temporal.address !== null) return config.temporal.address;
  const { address } = loadClientConnectConfig().connectionOptions;
  return address === undefined || address === '' ? null : address;
}
