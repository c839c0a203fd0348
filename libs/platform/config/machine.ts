import { totalmem } from 'node:os';

/** Memory that this process may use, in bytes: its container's limit where there is one, else all of the machine's. */
export function usableMemory(): number {
  // Without a limit it is 0 or, on some systems, a number beyond all memory.
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
