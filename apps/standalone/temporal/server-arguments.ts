import { searchAttributeDefinitions } from '../../../workflows/contracts/search-attributes.js';

export interface ServerPlan {
  readonly port: number;
  readonly uiPort: number;
  readonly httpPort: number;
  /** Where runs are kept; null = in memory. */
  readonly databaseFile: string | null;
  /** A namespace to have besides `default`. */
  readonly namespace?: string;
}

/**
 * Dynamic settings. The development server has one shard and hands out 20 tasks a second unless told otherwise, which
 * costs every activity 100 ms; one partition a queue keeps priorities exact, and fairness lets tenants take turns.
 */
const DYNAMIC_SETTINGS = [
  'history.transferProcessorMaxPollRPS=10000',
  'history.timerProcessorMaxPollRPS=10000',
  'history.visibilityProcessorMaxPollRPS=10000',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.enableFairness=true',
];

/** Survives a kill at any moment, and syncs at checkpoints instead of at every write. */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=1'];

/** Arguments of the `temporal` CLI for a server that listens on this machine only. */
export function serverArguments({
  port,
  uiPort,
  httpPort,
  databaseFile,
  namespace = 'default',
}: ServerPlan): readonly string[] {
  const repeated = (flag: string, values: readonly string[]) =>
    values.flatMap((value) => [flag, value]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...['--port', String(port), '--ui-port', String(uiPort), '--http-port', String(httpPort)],
    ...(databaseFile === null
      ? []
      : ['--db-filename', databaseFile, ...repeated('--sqlite-pragma', SQLITE_PRAGMAS)]),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...repeated('--dynamic-config-value', DYNAMIC_SETTINGS),
    ...repeated('--search-attribute', searchAttributeDefinitions),
  ];
}
