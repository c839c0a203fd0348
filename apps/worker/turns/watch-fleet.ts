import { hostname } from 'node:os';
import { listLiveWorkers } from '../../../libs/platform/fleet.js';
import { thisMachine } from '../../../libs/platform/config/slots.js';
import type { RoleContext } from '../roles/context.js';
import { mostRuns } from './most-runs.js';

const EVERY_MS = 5_000;

/** Tells at once, and then when it changes, how many short runs this worker should have under way. Ends with the context's signal. */
export function watchFleet(
  { connection, namespace, queues, signal, logger }: RoleContext,
  onMost: (most: number) => void,
): void {
  const here = { host: hostname(), processors: thisMachine().cores, queues };
  let latest = 0;
  const tell = (most: number) => {
    if (most === latest) return;
    latest = most;
    logger.info({ analysesInFlight: most }, 'analyses of short media at once');
    onMost(most);
  };
  tell(mostRuns(here, []));
  const look = async () => {
    try {
      tell(mostRuns(here, await listLiveWorkers(connection, namespace)));
    } catch (error) {
      // What was last seen holds until the server answers again.
      logger.debug({ err: error }, 'the workers could not be listed');
    }
  };
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
    },
    { once: true },
  );
}
