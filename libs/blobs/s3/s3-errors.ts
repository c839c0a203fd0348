import { BlobStoreError } from '../blob-store.js';

/** What the S3 client's errors carry. */
interface ServiceError {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export function statusOf(error: unknown): number | undefined {
  return (error as Partial<ServiceError> | null)?.$metadata?.httpStatusCode;
}

/** The object is not there; a bucket that is not there is another matter. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as ServiceError).name !== 'NoSuchBucket';
}

/** The key has an object already, or another one is just being written there. */
export function isTaken(error: unknown): boolean {
  return [409, 412].includes(statusOf(error) ?? 0);
}

/** The range begins beyond the object's end. */
export function isBeyondEnd(error: unknown): boolean {
  return statusOf(error) === 416;
}

/** Turns the client's errors into one without hosts and keys, which may reach a client of ours. */
export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(what, error);
  }
}

export function toStoreError(what: string, error: unknown): Error {
  if (error instanceof BlobStoreError || error instanceof RangeError) return error;
  return new BlobStoreError(`The blob store could not ${what}: ${shortReason(error)}`, {
    cause: error,
  });
}

function shortReason(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: string; readonly code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  const status = statusOf(error);
  return status === undefined ? (name ?? 'unknown error') : `${name ?? 'error'} (${status})`;
}
