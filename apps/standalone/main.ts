import { Command } from 'commander';
import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { EXIT_CONFIGURATION } from '../../libs/platform/parent-channel.js';
import { serviceVersion } from '../../libs/platform/version.js';
import { runDemo } from './demo/demo.js';
import { prepareService, startService, type Service, type ServiceOptions } from './service.js';
import { StopRequests } from './stop-requests.js';
import { GaveUp } from './supervisor/supervisor.js';
import { configuredTemporalAddress } from './temporal/configured-address.js';

/** Deaths of one part within a minute at which `start` gives up; the demo does so at the first. */
const MOST_DEATHS = 5;

const program = new Command('deepfake-analysis')
  .description(
    'The whole deepfake-analysis service on this machine: Temporal server, API and workers.',
  )
  .version(serviceVersion());

program
  .command('start')
  .description('start and stay up until told to stop')
  .option('--demo', 'use the bundled demo model, which only recognises its own kind of edit')
  .action(async ({ demo = false }: { demo?: boolean }) => {
    const config = loadConfig();
    await run(
      {
        dataDir: config.dataDir,
        port: config.http.port,
        temporalAddress: configuredTemporalAddress(config),
        useDemoModel: demo,
        mostDeaths: MOST_DEATHS,
        onStep: console.error,
      },
      async (service) => {
        console.log(
          `\nReady. API ${service.url}   health ${service.url}/health   Temporal ${service.temporalAddress}   UI ${service.temporalUi ?? '-'}`,
        );
        if (demo)
          console.log(
            'DEMO MODEL: it only recognises its own kind of edit. Do not judge real media with it.',
          );
        await service.supervisor.gaveUp;
      },
    );
  });

program
  .command('demo')
  .description(
    'analyse the bundled photos and video with the bundled demo model, show the results and end',
  )
  .action(() => runDemo(run));

/** Runs `use` with the service up; stops it on a signal, at the end and on failure, and sets the exit code. */
export async function run(
  options: ServiceOptions,
  use: (service: Service) => Promise<void>,
): Promise<void> {
  const service = await prepareService(options);
  const requests = new StopRequests();
  const stopped = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const meaning = requests.meaningOf(Date.now());
        if (meaning === 'drain')
          reject(new GaveUp(`Stopping (${signal}); once more to stop at once.`, 0));
        if (meaning === 'force') service.supervisor.kill();
      });
    }
  });
  stopped.catch(() => undefined);
  try {
    await Promise.race([startService(service).then(() => use(service)), stopped]);
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = error.exitCode;
  } finally {
    await service.stop();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const isConfiguration = error instanceof ConfigError;
  console.error(isConfiguration ? error.message : error instanceof Error ? error.message : error);
  process.exitCode = isConfiguration ? EXIT_CONFIGURATION : 1;
}
// The service is down; what is left open (a finished fetch's connection) must not hold the terminal.
process.exit();
