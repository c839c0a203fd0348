import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** PyTorch in a process of its own, asked over its standard input. */
export class TorchRival {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#child = child;
    this.#lines = lines;
  }

  /** @param python an interpreter with torch and transformers @param crops file with `count` crops at model size */
  static async start(
    python: string,
    script: string,
    checkpoint: string,
    crops: string,
    count: number,
  ): Promise<{ rival: TorchRival; version: string }> {
    const child = spawn(python, [script, checkpoint, crops, String(count)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Its threads must not spin while the other side is measured.
      env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const rival = new TorchRival(child, lines);
    const { torch } = (await rival.#answer()) as { torch: string };
    return { rival, version: torch };
  }

  /** Milliseconds per image. */
  async time(variant: string, batch: number): Promise<number> {
    this.#child.stdin?.write(`time ${variant} ${batch}\n`);
    return (await this.#answer()) as number;
  }

  async score(variant: string): Promise<readonly number[]> {
    this.#child.stdin?.write(`score ${variant}\n`);
    return (await this.#answer()) as number[];
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await gone;
  }

  async #answer(): Promise<unknown> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('expected an answer from PyTorch, but it ended');
    return JSON.parse(next.value) as unknown;
  }
}
