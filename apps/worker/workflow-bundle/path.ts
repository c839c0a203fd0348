import { fileURLToPath } from 'node:url';

/** Where the build puts the bundled workflow code: `dist/workflow-bundle.js`. */
export const workflowBundlePath = fileURLToPath(
  new URL('../../../workflow-bundle.js', import.meta.url),
);
