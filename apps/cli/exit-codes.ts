import { CommanderError } from 'commander';
import { ModelError, type ModelErrorCode } from '../../libs/model/model-error.js';
import { ConfigError } from '../../libs/platform/config/config.js';

/** What the commands end with; from 64 on as `sysexits.h` names them. */
export const EXIT = {
  ok: 0,
  /** The model is not what it is said to be. */
  notVerified: 1,
  /** A command, an option or an argument that isn't known (`EX_USAGE`). */
  usage: 64,
  /** A model that is broken or of a kind that isn't supported (`EX_DATAERR`). */
  badModel: 65,
  /** No such model, revision or folder, or no access to it (`EX_NOINPUT`). */
  notFound: 66,
  /** The hub can't be reached or breaks off, or the device isn't there (`EX_UNAVAILABLE`). */
  unavailable: 69,
  /** A fault of the program (`EX_SOFTWARE`). */
  fault: 70,
  /** An environment variable that is wrong (`EX_CONFIG`). */
  configuration: 78,
  /** By Ctrl-C or a signal to end. */
  interrupted: 130,
} as const;

/** What the person at the terminal asked for makes no sense; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OF_MODEL_ERROR: Readonly<Record<ModelErrorCode, number>> = {
  model_not_found: EXIT.notFound,
  model_download_failed: EXIT.unavailable,
  model_invalid: EXIT.badModel,
  model_unsupported: EXIT.badModel,
  model_inaccurate: EXIT.notVerified,
  device_unavailable: EXIT.unavailable,
  model_failed: EXIT.fault,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof CommanderError) return EXIT.usage;
  if (error instanceof ConfigError) return EXIT.configuration;
  return error instanceof ModelError ? OF_MODEL_ERROR[error.code] : EXIT.fault;
}

/** One line for what a person can mend; for a fault of the program all that is known of it. */
export function messageOf(error: unknown): string {
  if (error instanceof ModelError) return error.finding;
  const isTheirs =
    error instanceof UsageError || error instanceof CommanderError || error instanceof ConfigError;
  if (isTheirs) return error.message.replace(/^error: /, '');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
