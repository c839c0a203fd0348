import { existsSync } from 'node:fs';

/** Chromium's own GPU in software (SwiftShader), where Debian and Chromium itself put it. */
const DRIVERS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/**
 * Makes Vulkan find SwiftShader and nothing else; before the first use of a GPU in this process.
 * @throws Error when it isn't there
 */
export function useSoftwareGpu(): void {
  const driver = DRIVERS.find((file) => existsSync(file));
  if (driver === undefined)
    throw new Error(`expected a software GPU at ${DRIVERS.join(' or ')}; "npm test" installs it`);
  process.env.VK_DRIVER_FILES = driver;
  process.env.VK_ICD_FILENAMES = driver;
}

/** Makes Vulkan find no GPU at all. */
export function useNoGpu(): void {
  process.env.VK_DRIVER_FILES = '/nonexistent.json';
  process.env.VK_ICD_FILENAMES = '/nonexistent.json';
}
