import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The file that a worker thread starts from. Compiled code names its neighbour; TypeScript source (under vitest, or
 * Node's type stripping) names the compiled neighbour in `dist`, because worker threads get no transforms and our
 * imports end in `.js`.
 *
 * @param importMetaUrl `import.meta.url` of the caller
 * @param relative the entry beside the caller, with its `.js` ending: `'./engine-thread.js'`
 * @returns an absolute path to an existing `.js` file
 * @throws Error when the project has not been built
 */
export function workerEntry(importMetaUrl: string, relative: string): string {
  const caller = fileURLToPath(importMetaUrl);
  const folder = caller.endsWith('.ts') ? compiledFolder(caller) : path.dirname(caller);
  const entry = path.join(folder, relative);
  if (!existsSync(entry)) {
    throw new Error(
      `expected the compiled worker thread ${path.basename(entry)}, found none: run "npm run build" first`,
    );
  }
  return entry;
}

function compiledFolder(sourceFile: string): string {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
  return path.join(root, 'dist', path.relative(root, path.dirname(sourceFile)));
}
