import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogLines } from '../../apps/standalone/supervisor/log-lines.js';
import type { PartPlan } from '../../apps/standalone/supervisor/part.js';
import { GaveUp, Supervisor } from '../../apps/standalone/supervisor/supervisor.js';
import { until } from '../support/until.js';

describe('Supervisor with real processes', () => {
  let folder: string;
  let output: string;
  let supervisor: Supervisor | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'supervisor-'));
    output = '';
  });
  afterEach(async () => {
    await supervisor?.stop();
    await rm(folder, { recursive: true });
  });

  /** A part that runs a piece of JavaScript, with `say` to its supervisor and `note` to a common file. */
  const part = async (name: string, body: string): Promise<PartPlan> => {
    const file = path.join(folder, `${name}.mjs`);
    const notes = JSON.stringify(path.join(folder, 'notes'));
    await writeFile(
      file,
      `import { appendFileSync } from 'node:fs';
       const say = (message) => process.send(message);
       const note = (text) => appendFileSync(${notes}, text + '\\n');
       process.on('disconnect', () => process.exit());
       ${body}
       setInterval(() => {}, 1000);`,
    );
    return { name, command: process.execPath, args: [file], env: process.env };
  };
  const supervise = (groups: PartPlan[][], mostDeaths = 5, graceMs = 5_000): Supervisor => {
    const out = new PassThrough();
    out.on('data', (chunk: Buffer) => (output += chunk.toString()));
    supervisor = new Supervisor({ groups, log: new LogLines(out, false, 4), mostDeaths, graceMs });
    return supervisor;
  };
  const notes = () =>
    readFile(path.join(folder, 'notes'), 'utf8').then((text) => text.trim().split('\n'));

  it('waits until each part is ready, and puts its name before its lines', async () => {
    const slow = await part(
      'slow',
      `setTimeout(() => { console.log('here I am'); note('slow'); say({ type: 'ready' }); }, 200);`,
    );
    const next = await part('next', `note('next'); say({ type: 'ready' });`);
    await supervise([[slow], [next]]).start();
    expect(await notes()).toEqual(['slow', 'next']);
    await until('the line', () => output.includes('slow │ here I am'));
  });

  it('starts a part again that dies, and says how it died', async () => {
    await supervise([[await part('weak', `note('start'); say({ type: 'ready' });`)]]).start();
    process.kill(supervisor!.pidOf('weak')!, 'SIGKILL');
    await until('a second start', async () => (await notes()).length === 2);
    expect(output).toContain('weak │ ended by SIGKILL; starting it again in 0.5 s');
  });

  it('gives up with the last words of a part that keeps dying', async () => {
    const dying = await part('bad', `note('start'); console.error('no luck'); process.exit(3);`);
    await expect(supervise([[dying]], 3).start()).rejects.toThrow(
      /bad ended with exit code 3, 3 times within a minute\. Its last words:\nno luck/,
    );
    expect(await notes()).toHaveLength(3);
    await expect(supervisor!.gaveUp).rejects.toMatchObject({ exitCode: 1 });
  });

  it('does not start a part again whose configuration is wrong', async () => {
    const wrong = await part(
      'off',
      `note('start'); say({ type: 'failed', code: 'x', message: 'set FOO' }); process.exit(78);`,
    );
    const failure: unknown = await supervise([[wrong]])
      .start()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GaveUp);
    expect(failure).toMatchObject({ message: 'set FOO', exitCode: 78 });
    expect(await notes()).toHaveLength(1);
  });

  it('stops the parts in reverse order, and ends the one that does not listen', async () => {
    const body = (name: string) =>
      `process.on('SIGTERM', () => { note('${name} stops'); process.exit(); }); say({ type: 'ready' });`;
    const deaf = await part(
      'deaf',
      `process.on('SIGTERM', () => note('deaf hears')); say({ type: 'ready' });`,
    );
    const groups = [[await part('base', body('base'))], [deaf], [await part('top', body('top'))]];
    await supervise(groups, 5, 500).start();
    const pid = supervisor!.pidOf('deaf')!;
    await supervisor!.stop();
    expect(await notes()).toEqual(['top stops', 'deaf hears', 'base stops']);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
