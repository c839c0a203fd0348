import { z } from 'zod';
import { SAMPLING_BOUNDS, type Sampling } from '../../../workflows/contracts/sampling.js';

const { frames, fps } = SAMPLING_BOUNDS;

const framesSchema = z
  .int(`expected a whole number from ${frames.least} to ${frames.most}`)
  .min(frames.least, `expected at least ${frames.least}`)
  .max(frames.most, `expected at most ${frames.most}`)
  .default(frames.standard);

/** Rates that differ by less than a thousandth are the same wish. */
const fpsSchema = z
  .number(`expected a number from ${fps.least} to ${fps.most}`)
  .min(fps.least, `expected at least ${fps.least}`)
  .max(fps.most, `expected at most ${fps.most}`)
  .transform((rate) => Math.round(rate * 1000) / 1000)
  .default(fps.standard);

const rate = <const P extends 'fps' | 'keyframes'>(policy: P) =>
  z.strictObject({ policy: z.literal(policy), fps: fpsSchema });

const POLICIES = ['even', 'fps', 'keyframes'] as const;

/** `options.sampling`, with every default filled in: what means the same becomes the same. */
export const samplingSchema: z.ZodType<Sampling> = z.discriminatedUnion(
  'policy',
  [
    z.strictObject({ policy: z.literal('even'), frames: framesSchema }),
    rate('fps'),
    rate('keyframes'),
  ],
  `expected an object with policy ${POLICIES.map((policy) => `"${policy}"`).join(', ')}`,
);
