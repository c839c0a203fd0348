import { ConfigError, type ModelSettings } from '../../../libs/platform/config/config.js';
import { DEFAULT_MODEL } from '../../../workflows/contracts/queues.js';

/** What a worker process does: media work, or inference with one model. */
export type RoleChoice =
  { readonly role: 'media' } | { readonly role: 'inference'; readonly model: ModelSettings };

export interface ChosenRoles {
  /** Of the process, in its log. */
  readonly name: string;
  readonly choices: readonly RoleChoice[];
}

/**
 * Reads a worker's arguments: `media | inference [alias] | all`.
 * @throws ConfigError naming what can be asked for
 */
export function chooseRoles(
  args: readonly string[],
  models: readonly ModelSettings[],
): ChosenRoles {
  const [role = '', alias = DEFAULT_MODEL] = args;
  const inference = (model: ModelSettings): RoleChoice => ({ role: 'inference', model });
  if (role === 'inference') {
    const name = alias === DEFAULT_MODEL ? role : `${role}-${alias}`;
    return { name, choices: [inference(modelNamed(alias, models))] };
  }
  if (args.length > 1) {
    throw new ConfigError(
      `expected no argument after the role "${role}", got "${args.slice(1).join(' ')}"`,
    );
  }
  if (role === 'media') return { name: role, choices: [{ role }] };
  if (role === 'all') return { name: role, choices: [{ role: 'media' }, ...models.map(inference)] };
  throw new ConfigError(`expected a role (media, inference, all) as argument, got "${role}"`);
}

function modelNamed(alias: string, models: readonly ModelSettings[]): ModelSettings {
  const model = models.find((each) => each.alias === alias);
  if (model !== undefined) return model;
  const known = models.map((each) => each.alias).join(', ');
  throw new ConfigError(
    `expected the alias of a model (${known}) after "inference", got "${alias}": add it to MODELS, or leave it out for the default model`,
  );
}
