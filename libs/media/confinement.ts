import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program that reads a client's file is allowed. */
export interface ProcessLimits {
  /** Bytes of address space. */
  readonly memoryBytes: number;
  /** Seconds of processor time, all threads together: ends a program that nobody watches any more. */
  readonly cpuSeconds: number;
}

/** A way to take something from a program before it starts, and the command in front of its own that does so. */
type Restriction = 'network' | 'privileges' | 'resources';
export type Confinement = Readonly<Record<Restriction, readonly string[] | null>>;

/**
 * All of a decoder's environment: it gets no token, and no variable by which ffmpeg would write files or use a proxy.
 * The folders are where Linux systems keep util-linux.
 */
export const BARE_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };

/** A user without privileges needs a user namespace of its own for a network namespace; many containers allow neither. */
const WITHOUT_NETWORK = [
  ['unshare', '--net', '--'],
  ['unshare', '--user', '--map-current-user', '--net', '--'],
];
/** Ends with the process that started it, whatever it is doing; gains nothing by a set-uid program. */
const WITHOUT_PRIVILEGES = ['setpriv', '--no-new-privs', '--pdeathsig', 'KILL', '--'];
/** No core dump, no byte written to any file (pipes are none), and few files open. */
const WITHOUT_FILES = ['--core=0', '--fsize=0', '--nofile=64'];

let found: Promise<Confinement> | null = null;

/** What this system lets a program be confined by: tried once, then remembered. Null where it can't. */
export function findConfinement(): Promise<Confinement> {
  found ??= detect();
  return found;
}

async function detect(): Promise<Confinement> {
  const [network, privileges, resources] = await Promise.all([
    firstThatWorks(WITHOUT_NETWORK),
    firstThatWorks([WITHOUT_PRIVILEGES]),
    firstThatWorks([['prlimit', ...WITHOUT_FILES, '--']]),
  ]);
  return { network, privileges, resources };
}

async function firstThatWorks(
  commands: readonly (readonly string[])[],
): Promise<readonly string[] | null> {
  for (const command of commands) {
    const [program = '', ...args] = command;
    try {
      await run(program, [...args, 'true'], { env: BARE_ENVIRONMENT });
      return command;
    } catch {
      // Not installed, or not allowed: the next one.
    }
  }
  return null;
}

/**
 * The command line that confines a program. In this order: entering a user namespace would undo the wish to end with the
 * parent.
 */
export function confinedCommand(
  { network, privileges, resources }: Confinement,
  { memoryBytes, cpuSeconds }: ProcessLimits,
  command: readonly string[],
): readonly string[] {
  // ffmpeg ends in good order at the first limit, and is ended at the second.
  const seconds = Math.ceil(cpuSeconds);
  const limits = [`--as=${memoryBytes}`, `--cpu=${seconds}:${seconds + 5}`, ...WITHOUT_FILES];
  return [
    ...(network ?? []),
    ...(privileges ?? []),
    ...(resources === null ? [] : ['prlimit', ...limits, '--']),
    ...command,
  ];
}
