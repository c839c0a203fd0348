import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './config/config.js';

export interface TemporalTarget {
  readonly namespace: string;
  /** Options that both the client's and the worker's connection take. */
  readonly connection: Pick<
    ClientConnectConfig['connectionOptions'],
    'address' | 'tls' | 'apiKey' | 'metadata'
  >;
}

/**
 * Where Temporal is: what our configuration says, else Temporal's own environment configuration (profile file,
 * TEMPORAL_API_KEY, TEMPORAL_TLS_…), else a server on this machine.
 */
export function temporalTarget(config: Config['temporal']): TemporalTarget {
  const environment = loadClientConnectConfig();
  const { address, tls, apiKey, metadata } = environment.connectionOptions;
  return {
    namespace: config.namespace ?? environment.namespace ?? 'default',
    connection: {
      address: config.address ?? address ?? 'localhost:7233',
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}
