import path from 'node:path';

export interface OwnServer {
  /** `host:port`. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly dataDir: string;
}

/**
 * What children see of Temporal when the server is ours: its address, and nothing that was meant for another server. A
 * profile file or a variable with an API key or a certificate would make them speak TLS to a server that doesn't.
 */
export function ownServerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  { address, uiUrl, namespace, dataDir }: OwnServer,
): Readonly<Record<string, string | undefined>> {
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(others),
    // A file that isn't there means no profile; an empty one is an error.
    TEMPORAL_CONFIG_FILE: path.join(dataDir, 'no-temporal-profile.toml'),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_UI_URL: uiUrl,
  };
}
