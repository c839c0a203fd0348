import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Native libraries that a process has loaded after importing one of our modules. */
async function nativeLibraries(module: string): Promise<string[]> {
  const script = `await import(${JSON.stringify(root + module)}); console.log(JSON.stringify(process.report.getReport().sharedObjects));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as string[];
}

const HEAVY = /onnxruntime|sharp|vips|core-bridge|temporal_sdk|index\.node/;

describe('the API process', () => {
  it('loads no native code of the workers', async () => {
    const loaded = await nativeLibraries('dist/apps/api/create-app.js');
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((file) => HEAVY.test(file))).toEqual([]);
  });

  it('would be seen to load some', async () => {
    const loaded = await nativeLibraries('dist/libs/media/still.js');
    expect(loaded.filter((file) => HEAVY.test(file)).length).toBeGreaterThan(0);
  });
});
