import { ModelError } from './model-error.js';
import type { Device } from './precision.js';
import { runtimeDevices } from './session.js';

/** What each device needs, for the operator who asked for one that isn't there. */
const NEEDS: Readonly<Record<Exclude<Device, 'cpu'>, string>> = {
  webgpu:
    'a GPU with a driver for Vulkan (on Linux also the package libvulkan1), Metal or Direct3D 12',
  cuda: "an NVIDIA GPU, CUDA 12, cuDNN 9 and ONNX Runtime's CUDA provider, which its package's install script fetches",
};

/** ONNX Runtime's words for a provider, an adapter or a feature that it can't get. */
const ABSENT =
  /adapter|device does not support|vulkan|cuda|backend not found|no available backend|shared library|cannot open/i;

/**
 * The error for a device that isn't there, naming what is; null when something else went wrong.
 * @param cause what making the session, or its first run, threw
 */
export function deviceError(device: Device, cause: unknown): ModelError | null {
  if (device === 'cpu') return null;
  const said = words(cause);
  if (!ABSENT.test(said)) return null;
  if (said.includes('requires f16')) {
    return new ModelError(
      'device_unavailable',
      `expected the device of DEVICE=${device} to compute in half precision, which it can't: use MODEL_DTYPE=fp32.`,
      { cause },
    );
  }
  const bundled = runtimeDevices()
    .filter((known) => known.bundled)
    .map(({ name }) => name);
  return new ModelError(
    'device_unavailable',
    `expected DEVICE=${device} to be there, which needs ${NEEDS[device]}; the runtime said: ${said}. ` +
      `This build of ONNX Runtime brings ${bundled.join(' and ')}: mend it, or set DEVICE=cpu.`,
    { cause },
  );
}

/** Without the runtime's own file names and conditions. */
function words(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [line = ''] = message.replace(/^\/\S+.*? was false\. /s, '').split('\n');
  return line.slice(0, 300);
}
