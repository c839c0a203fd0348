import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTemporal, type FindOptions } from './find-temporal.js';
import { TEMPORAL_VERSION } from './version.js';

describe('findTemporal', () => {
  let folder: string;
  let options: FindOptions;
  const program = async (file: string) => {
    await writeFile(file, '#!/bin/sh\n');
    await chmod(file, 0o755);
    return file;
  };
  const broken = { name: 'nowhere', fetch: () => Promise.reject(new Error('no network')) };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'find-temporal-'));
    options = {
      address: null,
      searchPath: folder,
      cacheDir: folder,
      onStep: () => undefined,
      downloads: [broken],
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('takes a running server before all else', async () => {
    await program(path.join(folder, 'temporal'));
    expect(await findTemporal({ ...options, address: 'host:7233' })).toEqual({
      kind: 'running',
      address: 'host:7233',
    });
  });

  it('takes PATH before the cache, and the cache before any download', async () => {
    const cached = await program(path.join(folder, `temporal-${TEMPORAL_VERSION}`));
    expect(await findTemporal(options)).toEqual({
      kind: 'program',
      file: cached,
      from: 'the cache',
    });
    const onPath = await program(path.join(folder, 'temporal'));
    expect(await findTemporal(options)).toEqual({ kind: 'program', file: onPath, from: 'PATH' });
  });

  it('takes neither a file that cannot be run nor a folder', async () => {
    await writeFile(path.join(folder, 'temporal'), '');
    await expect(findTemporal(options)).rejects.toThrow('found none');
    await rm(path.join(folder, 'temporal'));
    await mkdir(path.join(folder, 'temporal'));
    await expect(findTemporal(options)).rejects.toThrow('found none');
  });

  it('tries one download after the other', async () => {
    const works = {
      name: 'somewhere',
      fetch: async (target: string) => void (await program(target)),
    };
    expect(await findTemporal({ ...options, downloads: [broken, works] })).toMatchObject({
      from: 'somewhere',
    });
  });

  it('says what it tried and what to do', async () => {
    await expect(findTemporal(options)).rejects.toThrow(
      /nowhere \(no network\).*\n.*TEMPORAL_ADDRESS/,
    );
  });
});
