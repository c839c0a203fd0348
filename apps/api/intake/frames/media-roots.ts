import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';

/** Links that are followed before a path counts as a circle. */
const MAX_LINKS = 40;
const TENANT = '{tenant}';

/**
 * The folders that clients may name files in; `{tenant}` in one stands for the tenant's name. A path counts as where it really is, after all links, and whether or
 * not it exists, so that no answer tells what lies outside.
 */
export class MediaRoots {
  constructor(private readonly roots: readonly string[]) {}

  get isEmpty(): boolean {
    return this.roots.length === 0;
  }

  /** The real, absolute path of a file within the roots, or null when it is not within. The file need not exist. */
  async resolve(file: string, tenant: string): Promise<string | null> {
    if (!path.isAbsolute(file) || file.includes('\0')) return null;
    const roots = this.roots.map((root) => root.replaceAll(TENANT, tenant));
    const realRoots = await Promise.all(roots.map((root) => resolveLinks(root)));
    const named = path.resolve(file);
    // What is not even named as within is refused before the disk is asked.
    if (![...roots, ...realRoots].some((root) => isWithin(root, named))) return null;
    const real = await resolveLinks(named);
    return realRoots.some((root) => isWithin(root, real)) ? real : null;
  }
}

/** `realpath` for paths that need not exist: links are followed as far as there are any. */
async function resolveLinks(file: string, links = 0): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    const parent = path.dirname(file);
    if (parent === file || links > MAX_LINKS) return file;
    const folder = await resolveLinks(parent, links);
    const target = await readlink(file).catch(() => null);
    return target === null
      ? path.join(folder, path.basename(file))
      : resolveLinks(path.resolve(folder, target), links + 1);
  }
}

function isWithin(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}
