/** What a client prefers, by its `Prefer` header (RFC 7240). */
export interface Preferences {
  readonly respondAsync: boolean;
  /** Seconds to wait for the result; null = as long as the server likes. */
  readonly waitSeconds: number | null;
}

/** What is malformed or not known counts as not said; of what is said twice, the first counts. */
export function parsePrefer(header: string | readonly string[] | undefined): Preferences {
  const preferences = new Map<string, string>();
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    // Parameters after ";" belong to preferences that we don't know.
    const [token = ''] = preference.split(';');
    const [name = '', value = ''] = token.split('=').map((part) => part.trim());
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = preferences.get('wait') ?? '';
  return {
    respondAsync: preferences.get('respond-async') === '',
    waitSeconds: /^\d{1,9}$/.test(wait) ? Number(wait) : null,
  };
}
