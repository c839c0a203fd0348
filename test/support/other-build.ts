import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A place in the compiled workflow, and what a later release has before it. */
export interface WorkflowChange {
  readonly before: string;
  readonly insert: string;
}

/**
 * Builds another release of the service: the present build with `analyzeMedia` changed, bundled as the build does it.
 * @param folder an empty one
 * @throws Error when a place is not there exactly once
 */
export async function makeBuild(
  folder: string,
  changes: readonly WorkflowChange[],
): Promise<string> {
  await cp(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'models', 'package.json'])
    await symlink(path.join(root, name), path.join(folder, name));
  const file = path.join(folder, 'dist/workflows/analyze-media.js');
  let source = await readFile(file, 'utf8');
  for (const { before, insert } of changes) {
    const [head, tail, ...more] = source.split(before);
    if (head === undefined || tail === undefined || more.length > 0)
      throw new Error(`expected "${before}" once in ${file}`);
    source = `${head}${insert}${before}${tail}`;
  }
  await writeFile(
    file,
    `import { patched as patchedHere, sleep as sleepHere } from '@temporalio/workflow';\n${source}`,
  );
  await run(process.execPath, [path.join(folder, 'dist/apps/worker/workflow-bundle/build.js')]);
  return folder;
}
