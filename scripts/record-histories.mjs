// Records the histories that the replay test holds the workflow to: runs the built service on the demo's media and writes
// what the Temporal server has of each run to test/replay/histories/<release>/. Run it once for every release, from a clean build:
//   npm run build && node scripts/record-histories.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { prepareService, startService } from '../dist/apps/standalone/service.js';
import { serviceVersion } from '../dist/libs/platform/version.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dataDir = mkdtempSync(path.join(tmpdir(), 'record-histories-'));
const target = path.join(root, 'test/replay/histories', serviceVersion());
mkdirSync(target, { recursive: true });

const long = path.join(dataDir, 'long.mp4');
const ffmpeg = [
  '-v',
  'error',
  '-stream_loop',
  '6',
  '-i',
  path.join(root, 'demo/interview.mp4'),
  '-c',
  'copy',
  '-t',
  '130',
  long,
];
execFileSync('ffmpeg', ffmpeg);
const text = path.join(dataDir, 'text.mp4');
writeFileSync(text, 'no video\n');
const media = {
  photo: path.join(root, 'demo/portrait.jpg'),
  'short-video': path.join(root, 'demo/interview.mp4'),
  'long-video': long,
  'unreadable-media': text,
};

const service = await prepareService({
  dataDir,
  port: 0,
  temporalAddress: null,
  useDemoModel: true,
  mostDeaths: 1,
  logLevel: 'warn',
  onStep: console.error,
});
try {
  await startService(service);
  const connection = await Connection.connect({ address: service.temporalAddress });
  const client = new Client({ connection });
  for (const [name, file] of Object.entries(media)) {
    const form = new FormData();
    form.set('media', new Blob([readFileSync(file)]), path.basename(file));
    const headers = { prefer: 'wait=60' };
    const response = await fetch(`${service.url}/api/v1/inference`, {
      method: 'POST',
      body: form,
      headers,
    });
    const { id } = await response.json();
    const handle = client.workflow.getHandle(`analysis-${id}`);
    await handle.result().catch(() => undefined);
    // Stack traces name files of this machine.
    const history = historyToJSON(await handle.fetchHistory());
    writeFileSync(path.join(target, `${name}.json`), `${history.replaceAll(root, '')}\n`);
    console.log(`recorded ${name}: ${id}`);
  }
  await connection.close();
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true });
}
process.exit(0);
