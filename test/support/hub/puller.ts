import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LocalModel, ModelSource } from '../../../libs/model/source.js';

const script = fileURLToPath(new URL('resolve.mjs', import.meta.url));

/** Another process that takes a model from the hub. */
export class Puller {
  #out = '';
  /** What it has said so far of what an operator should know. */
  said = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.#out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
  }

  static start(source: ModelSource, environment: Readonly<Record<string, string>> = {}): Puller {
    const child = spawn(process.execPath, [script, JSON.stringify(source)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    return new Puller(child);
  }

  /** What it ended with. @throws Error with what it said when it failed */
  async answer(): Promise<{ readonly model: LocalModel; readonly notices: readonly string[] }> {
    const code = await this.#ended();
    if (code !== 0) throw new Error(`expected exit code 0, got ${code}: ${this.said}`);
    return JSON.parse(this.#out) as { model: LocalModel; notices: string[] };
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended();
  }

  #ended(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => this.child.once('close', resolve));
  }
}
