import { InvalidArgumentError } from 'commander';

/** Reads a command line's whole number. */
export const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new InvalidArgumentError(`expected a whole number from ${least}`);
  return value;
};
