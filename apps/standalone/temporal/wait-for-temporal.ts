import { Connection } from '@temporalio/client';

const LIMIT_MS = 30_000;
const PAUSE_MS = 100;

/** Resolves once the server at `address` answers for its namespace. @throws Error when it doesn't in time */
export async function waitForTemporal(
  address: string,
  namespace: string,
  limitMs = LIMIT_MS,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await connection.withDeadline(Date.now() + 2_000, () =>
          connection.workflowService.describeNamespace({ namespace }),
        );
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  throw new Error(
    `expected the Temporal server at ${address} to answer within ${limitMs / 1000} s`,
    { cause: last },
  );
}
