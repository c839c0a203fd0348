import { Command, CommanderError } from 'commander';
import { serviceVersion } from '../../libs/platform/version.js';
import { EXIT, exitCodeOf, messageOf } from './exit-codes.js';
import { addModelsCommand } from './models/command.js';

/** The command line: `npm run --silent cli -- models …`, or `node dist/apps/cli/main.js models …` once it is built. */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error(`stopped (${signal})`)));

const program = new Command('cli')
  .description('The deepfake-analysis service from the command line.')
  .version(serviceVersion())
  .showSuggestionAfterError(false)
  .exitOverride()
  // Commander's own words would be followed by its exit; both are this file's business.
  .configureOutput({ outputError: () => undefined });
addModelsCommand(program, stop.signal);

try {
  process.exitCode = EXIT.ok;
  await program.parseAsync();
} catch (error) {
  if (stop.signal.aborted) {
    console.error((stop.signal.reason as Error).message);
    process.exitCode = EXIT.interrupted;
  } else {
    const isHelp = error instanceof CommanderError && /help|version/.test(error.code);
    if (!isHelp) console.error(messageOf(error));
    process.exitCode =
      error instanceof CommanderError && error.exitCode === 0 ? EXIT.ok : exitCodeOf(error);
  }
}
