/** Every workflow of the service: what the workflow bundle is built from. */
export { aggregateAgain } from './aggregate-again.js';
export { analyzeMedia } from './analyze-media.js';
export { verifyAnalysis } from './verify-analysis.js';
