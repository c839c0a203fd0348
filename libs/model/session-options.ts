import type { Device } from './precision.js';

/**
 * What every session is made with, whoever makes it.
 * @param session further entries of ONNX Runtime's session configuration
 */
export function sessionOptions(device: Device, session: Readonly<Record<string, string>> = {}) {
  return {
    executionProviders: [device],
    // One CPU thread a session: several sessions in several threads beat one that spins on all cores.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // A plan of what lies where, made in the first run, would lie beside the room that this run took. It saves a CPU no time.
    enableMemPattern: device !== 'cpu',
    graphOptimizationLevel: 'all',
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // ONNX Runtime would compute on the CPU what the device can't, without a word.
        ...(device === 'cpu' ? {} : { disable_cpu_ep_fallback: '1' }),
        ...session,
      },
    },
  } as const;
}
