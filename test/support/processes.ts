import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPart, stopPart, type RunningPart } from '../../apps/standalone/supervisor/part.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Checkpoint of random weights: fast, and its answers are fixed. */
export const TINY_MODEL = path.join(root, 'test/fixtures/golden/tiny-f32');
/** Another one, with other weights. */
export const OTHER_MODEL = path.join(root, 'test/fixtures/golden/tiny-bf16');
export const DEMO_MODEL = path.join(root, 'models/demo');

export interface Deployment {
  readonly temporalAddress: string;
  readonly dataDir: string;
  /** Keeps this deployment's tasks apart from others' on the same server. */
  readonly taskQueuePrefix: string;
  readonly modelPath?: string;
  /** MODELS: further models beside it. */
  readonly models?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of another build of the service; the present one's otherwise. */
  readonly build?: string;
}

/**
 * Starts one of the service's real processes as production does; resolves when it is ready.
 * @param alias of an inference worker's model; the default one's otherwise
 */
export async function startProcess(
  role: 'media' | 'inference' | 'all' | 'api',
  deployment: Deployment,
  alias?: string,
): Promise<RunningPart> {
  const output: string[] = [];
  const worker = ['dist/apps/worker/main.js', role, ...(alias === undefined ? [] : [alias])];
  const args = role === 'api' ? ['dist/apps/api/main.js'] : worker;
  const part = startPart(
    {
      name: role,
      command: process.execPath,
      args: args.map((arg, i) => (i === 0 ? path.join(deployment.build ?? root, arg) : arg)),
      env: environment(deployment),
    },
    () => undefined,
  );
  for (const stream of [part.process.stdout, part.process.stderr]) {
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  }
  const failed = part.ended.then(({ code, signal }) => {
    throw new Error(
      `${role} ended (${code ?? signal ?? '?'}) before it was ready:\n${output.join('')}`,
    );
  });
  failed.catch(() => undefined);
  await Promise.race([part.ready, failed]);
  return part;
}

export async function stopProcesses(parts: readonly RunningPart[]): Promise<void> {
  await Promise.all(parts.map((part) => stopPart(part, 15_000)));
}

/** Ends a process as a crash would. */
export async function killProcess(part: RunningPart): Promise<void> {
  part.process.kill('SIGKILL');
  await part.ended;
}

function environment({
  temporalAddress,
  dataDir,
  taskQueuePrefix,
  modelPath = TINY_MODEL,
  models = '',
  env,
}: Deployment) {
  return {
    ...process.env,
    TEMPORAL_ADDRESS: temporalAddress,
    DATA_DIR: dataDir,
    TASK_QUEUE_PREFIX: taskQueuePrefix,
    MODEL_PATH: modelPath,
    MODELS: models,
    LOG_LEVEL: 'warn',
    ...env,
  };
}
