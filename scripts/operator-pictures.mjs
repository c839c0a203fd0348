// Makes the pictures of docs/operations.md: runs the built service on media that succeed, fail, are cancelled and are under way,
// and takes pictures of Temporal's UI with Chromium.
//   npm run build && node scripts/operator-pictures.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { prepareService, startService } from '../dist/apps/standalone/service.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dataDir = mkdtempSync(path.join(tmpdir(), 'operator-pictures-'));
const pictures = path.join(root, 'docs/images');
const VIEW = { width: 1640, height: 900 };

const loop = (seconds, name) => {
  const file = path.join(dataDir, name);
  const times = String(Math.ceil(seconds / 20));
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-stream_loop', times, '-i', path.join(root, 'demo/interview.mp4')],
    ...['-c', 'copy', '-t', String(seconds), file],
  ]);
  return file;
};
const text = path.join(dataDir, 'text.mp4');
writeFileSync(text, 'no video\n');

const service = await prepareService({
  dataDir,
  port: 0,
  temporalAddress: null,
  useDemoModel: true,
  mostDeaths: 1,
  logLevel: 'warn',
  onStep: console.error,
});
let browser = null;
try {
  await startService(service);
  await send(path.join(root, 'demo/portrait.jpg'), 'wait=60');
  await send(path.join(root, 'demo/portrait-edited.jpg'), 'wait=60');
  await send(path.join(root, 'demo/interview.mp4'), 'wait=60');
  const finished = await send(loop(250, 'finished.mp4'), 'wait=60');
  const failed = await send(text, 'wait=60');
  const cancelled = await send(loop(1500, 'cancelled.mp4'), 'respond-async');
  await untilScored(cancelled.id, 1);
  await fetch(`${service.url}/api/v1/inference/${cancelled.id}/cancel`, { method: 'POST' });
  const running = await send(loop(3600, 'running.mp4'), 'respond-async');
  await untilScored(running.id, 4);

  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: VIEW, colorScheme: 'light' });
  const runs = `${service.temporalUi}/namespaces/default/workflows`;
  const runUrl = async ({ id }, view) => {
    await page.goto(`${runs}/analysis-${id}`);
    await page.waitForURL(/workflows\/[^/]+\/[^/]+/);
    const [url] = page.url().split(/\/(?:history|timeline)/);
    await page.goto(`${url}/${view}`);
  };
  await page.goto(
    `${runs}?query=${encodeURIComponent('`WorkflowType`="analyzeMedia" AND `MediaType`="VIDEO"')}`,
  );
  await take('operations-list', page.getByText('Workflow ID').first());
  await runUrl(running, 'timeline');
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  await take('operations-running', page.getByText('segments scored').first());
  await runUrl(finished, 'history');
  const step = page.getByText(/segment 2\/5/).first();
  await step.waitFor();
  await step.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await take('operations-history', step);
  await runUrl(failed, 'history');
  await take('operations-failed', page.getByText('media_unreadable').first());

  async function take(name, shown) {
    await shown
      .waitFor({ timeout: 20_000 })
      .catch(() => console.error(`${name}: not all is shown`));
    await sleep(2_000);
    await page.screenshot({ path: path.join(pictures, `${name}.png`) });
    console.log(`took ${name}: ${page.url()}`);
  }
} finally {
  await browser?.close();
  await service.stop();
  rmSync(dataDir, { recursive: true });
}
process.exit(0);

async function send(file, prefer) {
  const form = new FormData();
  form.set('media', new Blob([readFileSync(file)]), path.basename(file));
  const response = await fetch(`${service.url}/api/v1/inference`, {
    method: 'POST',
    body: form,
    headers: { prefer },
  });
  return response.json();
}

async function untilScored(id, segments) {
  for (;;) {
    const { progress } = await (await fetch(`${service.url}/api/v1/inference/${id}`)).json();
    if ((progress?.segments_scored ?? 0) >= segments) return;
    await sleep(100);
  }
}
