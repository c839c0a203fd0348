import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The service's version, from the nearest `package.json` above: the same from source and from `dist`. */
export function serviceVersion(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
      return (manifest as { version: string }).version;
    } catch {
      const parent = path.dirname(folder);
      if (parent === folder) return 'unknown';
      folder = parent;
    }
  }
}
