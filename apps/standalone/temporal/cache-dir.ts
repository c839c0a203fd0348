import { homedir } from 'node:os';
import path from 'node:path';

/** Where fetched programs are kept for all checkouts of this user. */
export const programCacheDir = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'deepfake-analysis-service',
);
