import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { RUNTIME_VERSION } from './session.js';

/**
 * 8 hexadecimal digits that two machines share only where ONNX Runtime takes the same kernels: its version, the
 * processor's model and, where the system tells them, its instruction sets.
 */
export async function machineKey(): Promise<string> {
  const parts = [RUNTIME_VERSION, platform(), arch(), cpus()[0]?.model ?? '', await features()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** Of Linux alone: a virtual machine may hide some of what the processor's model has. */
async function features(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1] ?? '';
}
