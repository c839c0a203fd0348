import { expect, it } from 'vitest';
import { lines } from './download-view.js';

it('tells of downloads about once a second where there is no terminal, and of each one’s end', () => {
  let now = 0;
  const said: string[] = [];
  const view = lines({ write: (text: string) => said.push(text) > 0 }, () => now);
  const step = (loadedBytes: number) =>
    view.onProgress({ file: 'model.safetensors', loadedBytes, totalBytes: 10_000_000 });
  step(1_000_000);
  now = 900;
  step(2_000_000);
  now = 1_100;
  step(3_000_000);
  view.onNotice('The hub asks to wait.');
  step(10_000_000);
  expect(said).toEqual([
    'model.safetensors: 1.0 MB of 10.0 MB\n',
    'model.safetensors: 3.0 MB of 10.0 MB\n',
    'The hub asks to wait.\n',
    'model.safetensors: 10.0 MB of 10.0 MB\n',
  ]);
});
