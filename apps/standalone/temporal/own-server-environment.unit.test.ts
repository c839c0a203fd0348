import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownServerEnvironment } from './own-server-environment.js';

describe('ownServerEnvironment', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'own-server-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("leaves nothing of another server for Temporal's own configuration to find", async () => {
    const profile = path.join(folder, 'temporal.toml');
    await writeFile(profile, '[profile.default]\naddress = "cloud:7233"\napi_key = "secret"\n');
    const given = {
      PATH: '/bin',
      TEMPORAL_CONFIG_FILE: profile,
      TEMPORAL_PROFILE: 'default',
      TEMPORAL_TLS: 'true',
      TEMPORAL_API_KEY: 'secret',
    };
    const own = { address: '127.0.0.1:1', uiUrl: 'http://127.0.0.1:2', namespace: 'team' };
    const environment = ownServerEnvironment(given, { ...own, dataDir: folder });
    expect(environment).toMatchObject({ PATH: '/bin', TEMPORAL_UI_URL: own.uiUrl });

    const overrideEnvVars = environment as Record<string, string>;
    const found = loadClientConnectConfig({ overrideEnvVars });
    expect(found.namespace).toBe('team');
    expect(found.connectionOptions).toMatchObject({ address: own.address });
    expect(found.connectionOptions.tls).toBeUndefined();
    expect(found.connectionOptions.apiKey).toBeUndefined();
  });
});
