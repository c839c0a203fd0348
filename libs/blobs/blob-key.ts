const NAME = /^[!-.0-~]+$/;

/**
 * Refuses what is no key, before it can name anything outside the store.
 * @throws RangeError
 */
export function checkKey(key: string): void {
  const parts = key.split('/');
  if (parts.some((part) => part.startsWith('.') || !NAME.test(part))) {
    throw new RangeError(
      `expected a blob key of names in printable ASCII, separated by "/" and not beginning with ".", got "${key}"`,
    );
  }
}

/** The SHA-256 that a blob named by its own hash has in its name; null for all others. */
export function sha256InKey(key: string): string | null {
  return /(?:^|\/)([0-9a-f]{64})$/.exec(key)?.[1] ?? null;
}
