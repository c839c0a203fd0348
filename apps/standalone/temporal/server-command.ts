import { findProgram } from '../programs.js';

/**
 * The command that runs a program and, where the system can do that, ends it when the process that started it is gone.
 * The service's own parts notice by their channel that the supervisor was killed; this program has to be told by the kernel.
 */
export function tiedToParent(
  file: string,
  args: readonly string[],
  searchPath: string,
): { readonly command: string; readonly args: readonly string[] } {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv', searchPath) : null;
  return setpriv === null
    ? { command: file, args }
    : { command: setpriv, args: ['--pdeathsig', 'TERM', '--', file, ...args] };
}
