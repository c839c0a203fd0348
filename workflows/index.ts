/** Every workflow of the service: what the workflow bundle is built from. */
export { analyzeMedia } from './analyze-media.js';
export { retention } from './retention.js';
