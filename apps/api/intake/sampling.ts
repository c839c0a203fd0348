import { z } from 'zod';
import { SAMPLING_BOUNDS, type Sampling } from '../../../workflows/contracts/sampling.js';

const { frames, fps, adaptiveFps } = SAMPLING_BOUNDS;

const framesSchema = z
  .int(`expected a whole number from ${frames.least} to ${frames.most}`)
  .min(frames.least, `expected at least ${frames.least}`)
  .max(frames.most, `expected at most ${frames.most}`)
  .default(frames.standard);

/** Rates that differ by less than a thousandth are the same wish. */
const fpsSchema = ({ least, most, standard }: Record<'least' | 'most' | 'standard', number>) =>
  z
    .number(`expected a number from ${least} to ${most}`)
    .min(least, `expected at least ${least}`)
    .max(most, `expected at most ${most}`)
    .transform((rate) => Math.round(rate * 1000) / 1000)
    .default(standard);

const POLICIES = ['even', 'fps', 'keyframes', 'adaptive'] as const;

/** `options.sampling`, with every default filled in: what means the same becomes the same. */
export const samplingSchema: z.ZodType<Sampling> = z.discriminatedUnion(
  'policy',
  [
    z.strictObject({ policy: z.literal('even'), frames: framesSchema }),
    z.strictObject({ policy: z.literal('fps'), fps: fpsSchema(fps) }),
    z.strictObject({ policy: z.literal('keyframes'), fps: fpsSchema(fps) }),
    z.strictObject({ policy: z.literal('adaptive'), fps: fpsSchema(adaptiveFps) }),
  ],
  `expected an object with policy ${POLICIES.map((policy) => `"${policy}"`).join(', ')}`,
);
