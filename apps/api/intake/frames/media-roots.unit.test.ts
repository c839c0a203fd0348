import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaRoots } from './media-roots.js';

describe('MediaRoots', () => {
  let folder: string;
  let roots: MediaRoots;
  const at = (...parts: string[]) => path.join(folder, ...parts);

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'media-roots-')));
    for (const name of ['root/sub', 'real-root', 'outside']) {
      await mkdir(at(name), { recursive: true });
    }
    await writeFile(at('root/frame.jpg'), 'frame');
    await writeFile(at('real-root/frame.jpg'), 'frame');
    await writeFile(at('outside/secret'), 'secret');
    await symlink(at('real-root'), at('linked-root'));
    await symlink(at('root/frame.jpg'), at('root/sub/inside'));
    await symlink('../frame.jpg', at('root/sub/relative'));
    await symlink(at('outside/secret'), at('root/to-secret'));
    await symlink(at('outside/nothing'), at('root/to-nothing'));
    await symlink(at('outside'), at('root/to-folder'));
    await symlink(at('root/later.jpg'), at('root/to-later'));
    await symlink('loop', at('root/loop'));
    roots = new MediaRoots([at('root'), at('linked-root')]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['root/frame.jpg', 'root/frame.jpg'],
    ['root/sub/../frame.jpg', 'root/frame.jpg'],
    ['root/sub/inside', 'root/frame.jpg'],
    ['root/sub/relative', 'root/frame.jpg'],
    ['root/missing/frame.jpg', 'root/missing/frame.jpg'],
    ['root/to-later', 'root/later.jpg'],
    ['linked-root/frame.jpg', 'real-root/frame.jpg'],
    ['real-root/frame.jpg', 'real-root/frame.jpg'],
  ])('resolves %s', async (file, real) => {
    expect(await roots.resolve(path.posix.join(folder, file), 'acme')).toBe(at(real));
  });

  it.each([
    'outside/secret',
    'outside/nothing',
    'root',
    'root-beside/frame.jpg',
    'root/to-secret',
    'root/to-nothing',
    'root/to-folder/secret',
    'root/to-folder/nothing',
  ])('refuses %s, whether or not it exists', async (file) => {
    expect(await roots.resolve(at(file), 'acme')).toBeNull();
  });

  it.each(['frame.jpg', '', '../etc/passwd', '\0'])(
    'refuses the relative path %j',
    async (file) => {
      expect(await roots.resolve(file, 'acme')).toBeNull();
    },
  );

  it('leaves a root by ".." for nobody', async () => {
    expect(await roots.resolve(`${at('root')}/../outside/secret`, 'acme')).toBeNull();
  });

  it('does not run in circles', async () => {
    await expect(roots.resolve(at('root/loop'), 'acme')).resolves.toBeDefined();
  });

  it('keeps tenants to folders of their own where a root has the place for their name', async () => {
    const own = new MediaRoots([at('{tenant}')]);
    expect(await own.resolve(at('root/frame.jpg'), 'root')).toBe(at('root/frame.jpg'));
    expect(await own.resolve(at('root/frame.jpg'), 'real-root')).toBeNull();
    expect(await own.resolve(at('{tenant}/frame.jpg'), 'root')).toBeNull();
  });

  it('lets nobody in where there is no root', async () => {
    const none = new MediaRoots([]);
    expect(none.isEmpty).toBe(true);
    expect(await none.resolve(at('root/frame.jpg'), 'acme')).toBeNull();
  });
});
