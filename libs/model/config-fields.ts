import { ModelError } from './model-error.js';

/** A field of a model's JSON file is not what it would have to be. */
export function refusedField(
  file: string,
  field: string,
  expected: string,
  got: unknown,
): ModelError {
  return new ModelError(
    'model_unsupported',
    `expected ${field} of ${file} to be ${expected}, got ${JSON.stringify(got) ?? 'nothing'}`,
  );
}

/** Reads fields of one object in a model's JSON file. Each reader throws ModelError naming the field. */
export class ConfigFields {
  constructor(
    private readonly file: string,
    /** Where the object stands in the file, such as `vision_config.`; empty at the top. */
    private readonly prefix: string,
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  wholeNumber(name: string): number {
    const value = this.values[name];
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    throw this.refused(name, 'a positive whole number', value);
  }

  positiveNumber(name: string): number {
    const value = this.values[name];
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw this.refused(name, 'a positive number', value);
  }

  oneOf<const Choice extends string | number | boolean>(
    name: string,
    choices: readonly Choice[],
  ): Choice {
    const value = this.values[name];
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.refused(name, choices.join(' or '), value);
  }

  refused(name: string, expected: string, got: unknown): ModelError {
    return refusedField(this.file, `${this.prefix}${name}`, expected, got);
  }
}
