import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { workflowBundlePath } from './path.js';

/**
 * Bundles the compiled workflow code once, at build time: bundling takes seconds and 220 MB, which no worker
 * should spend at its start. Run after `tsc`: `node dist/apps/worker/workflow-bundle/build.js`.
 */
const workflowsPath = fileURLToPath(new URL('../../../workflows/index.js', import.meta.url));
const silent = () => undefined;
const { code } = await bundleWorkflowCode({
  workflowsPath,
  logger: {
    log: silent,
    trace: silent,
    debug: silent,
    info: silent,
    warn: console.warn,
    error: console.error,
  },
});
await writeFile(workflowBundlePath, code);
console.log(`Bundled the workflows (${Math.round(code.length / 1024)} KiB)`);
