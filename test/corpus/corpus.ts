import type { CorpusFile } from './corpus-file.js';
import { stills } from './stills.js';
import { streams } from './streams.js';
import { timing, turns } from './timing.js';
import { audio, bright, formats, videos } from './videos.js';

/** Files as people have them. */
export const valid: readonly CorpusFile[] = [
  ...[...videos, ...formats, ...bright, ...audio],
  ...[...timing, ...turns, ...streams, ...stills],
];
