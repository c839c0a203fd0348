import { bombs, degenerate } from './bombs.js';
import type { CorpusFile } from './corpus-file.js';
import { damaged, disguised } from './damaged.js';
import { encryptedFiles } from './encrypted.js';
import type { Lure } from './lure.js';
import { references } from './references.js';
import { stills } from './stills.js';
import { streams } from './streams.js';
import { texts } from './texts.js';
import { timing, turns } from './timing.js';
import { audio, bright, formats, videos } from './videos.js';

/** Files as people have them. */
export const valid: readonly CorpusFile[] = [
  ...[...videos, ...formats, ...bright, ...audio],
  ...[...timing, ...turns, ...streams, ...stills],
];

/**
 * Files that are broken, or made to break us.
 * @param lure what some of them refer to
 */
export const hostile = (lure: Lure): readonly CorpusFile[] => [
  ...[...texts(lure), ...damaged, ...encryptedFiles, ...disguised, ...bombs, ...degenerate],
  ...references(lure),
];
