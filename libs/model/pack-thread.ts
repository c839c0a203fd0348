import { warmUpPicture } from './probe-pictures.js';
import { Session, type SessionPlan } from './session.js';

/** @returns what a session over the written files answers */
export default async function pack({
  plan,
  folder,
}: {
  readonly plan: SessionPlan;
  readonly folder: string;
}): Promise<Float32Array> {
  const session = await Session.create(await Session.pack(plan, folder));
  try {
    return Float32Array.from(await session.run(warmUpPicture(plan.inputSize), 1));
  } finally {
    await session.release();
  }
}
