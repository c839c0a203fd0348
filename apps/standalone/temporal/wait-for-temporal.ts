import { Connection } from '@temporalio/client';
import type { TemporalTarget } from '../../../libs/platform/temporal-connection.js';

const LIMIT_MS = 30_000;
const PAUSE_MS = 100;
/** A server that starts is there within half a second; gRPC would look again only after one. */
const KEEN = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 };

/**
 * Resolves once the server answers for its namespace.
 *
 * @param target its `host:port`, or all that it takes to connect to it
 * @throws Error when it doesn't in time, with the last reason
 */
export async function waitForTemporal(
  target: string | TemporalTarget['connection'],
  namespace: string,
  limitMs = LIMIT_MS,
): Promise<void> {
  const options = typeof target === 'string' ? { address: target } : target;
  const deadline = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const connection = await Connection.connect({
        ...options,
        connectTimeout: 1_000,
        channelArgs: KEEN,
      });
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
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(
    `expected the Temporal server at ${options.address ?? 'its default address'} to answer for the namespace ` +
      `"${namespace}" within ${limitMs / 1000} s; last came: ${reason}`,
    { cause: last },
  );
}
