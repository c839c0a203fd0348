import { InvalidArgumentError, Option, type Command } from 'commander';
import { DTYPES, type Dtype } from '../../../libs/model/precision.js';
import { DEVICES } from '../../../libs/platform/config/model-list.js';
import { bench, type BenchOptions } from './bench.js';
import { describe } from './describe.js';
import { pull } from './pull.js';
import type { ModelOptions } from './target.js';
import { verify, type VerifyOptions } from './verify.js';

const MODEL =
  'owner/name[@revision] on the hub, a folder, or an alias of MODELS; the configured default model unless given';

/** Adds `models pull | verify | describe | bench`. */
export function addModelsCommand(program: Command, signal: AbortSignal): void {
  const models = program
    .command('models')
    .description('bring, check, describe and measure models');
  const command = (name: string, description: string) =>
    models
      .command(name)
      .description(description)
      .argument('[model]', MODEL)
      .option('--revision <revision>', 'commit, branch or tag of a model on the hub')
      .option('--json', 'print JSON');

  command('pull', 'download a model into the Hugging Face cache, or take stock of a folder').action(
    (model: string | undefined, options: ModelOptions) => pull(model, options, signal),
  );
  withEngine(command('verify', 'check the files, load the model, and compare with golden numbers'))
    .addOption(dtype())
    .option('--golden <file>', "golden numbers; golden.json in the model's folder unless given")
    .option('--tolerance <difference>', 'accepted difference from them', positive)
    .action((model: string | undefined, options: VerifyOptions) => verify(model, options, signal));
  withEngine(command('describe', 'load a model and say what it is'))
    .addOption(dtype())
    .action((model: string | undefined, options: ModelOptions) => describe(model, options, signal));
  withEngine(command('bench', 'measure milliseconds a picture of each precision in one run'))
    .option('--dtype <list>', 'precisions, separated by commas; all that the device is for', dtypes)
    .option('--rounds <n>', 'rounds, in each of which every precision has its turn', whole, 12)
    .option('--pictures <folder>', 'pictures to compare the answers on; generated ones otherwise')
    .option('--threads <n>', 'threads; those of INFERENCE_THREADS unless given', whole)
    .action((model: string | undefined, options: BenchOptions) => bench(model, options, signal));
}

function withEngine(command: Command): Command {
  return command
    .addOption(new Option('--device <device>', 'what to compute on').choices(DEVICES))
    .option('--fake-label <label>', 'the label that means fake, where the names do not tell');
}

function dtype(): Option {
  return new Option('--dtype <dtype>', 'precision').choices(DTYPES);
}

function dtypes(list: string): readonly Dtype[] {
  return list.split(',').map((name) => {
    const known = DTYPES.find((each) => each === name);
    if (known === undefined)
      throw new InvalidArgumentError(`Expected ${DTYPES.join(', ')}; got "${name}".`);
    return known;
  });
}

function whole(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
}

function positive(text: string): number {
  const value = Number(text);
  if (text !== '' && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}
