// `npm start` and `npm run demo`: sets up what is missing, then runs the standalone service in this same process, so that a
// signal to it reaches the one that has to act on it.
import { setUp } from './setup.mjs';

setUp();
await import('../dist/apps/standalone/main.js');
