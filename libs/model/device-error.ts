import { ModelError } from './model-error.js';
import type { Device } from './precision.js';
import { runtimeDevices } from './session.js';

/** What each device needs, for the operator who asked for one that isn't there. */
const NEEDS: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  webgpu:
    'a GPU with a driver for Vulkan (on Linux also the package libvulkan1), Metal or Direct3D 12',
  cuda: "an NVIDIA GPU, CUDA 12, cuDNN 9 and ONNX Runtime's CUDA provider, which its package's install script fetches",
};

/** ONNX Runtime's words for a provider or an adapter that it can't get. */
const ABSENT =
  /adapter|vulkan|cuda|gpu device|backend not found|no available backend|providers? .*(not|isn't|unavailable)|shared library|dlopen|cannot open/i;

/**
 * The error for a device that isn't there, naming what is; null when something else went wrong.
 * @param cause what making the session, or its first run, threw
 */
export function deviceError(device: Device, cause: unknown): ModelError | null {
  if (device === 'cpu') return null;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!ABSENT.test(message)) return null;
  const bundled = runtimeDevices()
    .filter((known) => known.bundled)
    .map(({ name }) => name);
  return new ModelError(
    'device_unavailable',
    `expected DEVICE=${device} to be there, which needs ${NEEDS[device]}; it said: ${firstLine(message)}. ` +
      `This build of ONNX Runtime has ${bundled.join(' and ')}: mend it, or set DEVICE=cpu.`,
    { cause },
  );
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 300);
