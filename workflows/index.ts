/** Every workflow of the service: what the workflow bundle is built from. */
export { aggregateAgain } from './aggregate-again.js';
export { analyzeMedia } from './analyze-media.js';
export { retention } from './retention.js';
export { verifyAnalysis } from './verify-analysis.js';
