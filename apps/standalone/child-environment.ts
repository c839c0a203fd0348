import path from 'node:path';
import { projectRoot } from './project-root.js';
import type { ChosenTemporal } from './temporal/choose-temporal.js';
import { ownServerEnvironment } from './temporal/own-server-environment.js';

export interface ChildSettings {
  readonly temporal: ChosenTemporal;
  readonly dataDir: string;
  readonly port: number;
  /** The bundled demo model, used only when it is asked for. */
  readonly useDemoModel: boolean;
  readonly logLevel?: string | undefined;
}

/** The demo model and no other; what is said of the one that it stands for is not said of it. */
const demoModel = {
  MODEL_PATH: path.join(projectRoot, 'models', 'demo'),
  MODEL_FAKE_LABEL: '',
  MODELS: '',
};

/** The environment of the parts: what this process has of its own, and where the parts find each other. */
export function childEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  { temporal, dataDir, port, useDemoModel, logLevel }: ChildSettings,
): Readonly<Record<string, string | undefined>> {
  const { address, ui, own } = temporal;
  const withTemporal =
    own === null
      ? { ...inherited, TEMPORAL_ADDRESS: address }
      : ownServerEnvironment(inherited, {
          address,
          uiUrl: ui ?? '',
          namespace: own.namespace,
          dataDir,
        });
  return {
    ...withTemporal,
    DATA_DIR: dataDir,
    PORT: String(port),
    ...(useDemoModel ? demoModel : {}),
    ...(logLevel === undefined ? {} : { LOG_LEVEL: logLevel }),
  };
}
