// `npm run cli -- …`: sets up what is missing, then runs the command line in this same process.
import { setUp } from './setup.mjs';

setUp({ withMedia: false });
await import('../dist/apps/cli/main.js');
