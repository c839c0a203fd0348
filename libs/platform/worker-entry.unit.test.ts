import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { workerEntry } from './worker-entry.js';

describe('workerEntry', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'worker-entry-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the neighbour of compiled code', () => {
    const entry = path.join(folder, 'thread.js');
    writeFileSync(entry, '');
    expect(workerEntry(pathToFileURL(path.join(folder, 'pool.js')).href, './thread.js')).toBe(
      entry,
    );
  });

  it('says to build when the compiled file of a source is missing', () => {
    expect(() => workerEntry(import.meta.url, './no-such-thread.js')).toThrow(/npm run build/);
  });
});
