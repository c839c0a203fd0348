import type { TestProject } from 'vitest/node';
import { startTemporalServer } from '../support/temporal-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the real Temporal server that all medium tests of a run share. */
    temporalAddress: string;
  }
}

/** One server for the run; each test uses task queues of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTemporalServer();
  project.provide('temporalAddress', server.address);
  return () => server.stop();
}
