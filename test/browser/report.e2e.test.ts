import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { freePort } from '../../apps/standalone/ports.js';
import { DEMO_MODEL, startProcess, stopProcesses, type Deployment } from '../support/processes.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';

const video = fileURLToPath(new URL('../../demo/interview.mp4', import.meta.url));
/** Where to put pictures of the report, when they are wanted for the documentation. */
const pictures = process.env.REPORT_PICTURES;

describe('the report in a browser', () => {
  let folder: string;
  let server: TestServer;
  let parts: RunningPart[];
  let browser: Browser;
  let reportFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'report-'));
    server = await startTemporalServer();
    const port = await freePort();
    const deployment: Deployment = {
      temporalAddress: server.address,
      dataDir: folder,
      taskQueuePrefix: 'report-',
      modelPath: DEMO_MODEL,
      env: { PORT: String(port) },
    };
    parts = await Promise.all(
      (['media', 'inference', 'api'] as const).map((role) => startProcess(role, deployment)),
    );
    const url = `http://127.0.0.1:${port}`;
    await until('a healthy service', async () => (await fetch(`${url}/health`)).status === 200);
    const form = new FormData();
    form.set('media', await openAsBlob(video), 'interview.mp4');
    const answer = await fetch(`${url}/api/v1/inference`, { method: 'POST', body: form });
    const { id } = (await answer.json()) as { id: string };
    reportFile = path.join(folder, 'report.html');
    await writeFile(reportFile, await (await fetch(`${url}/api/v1/inference/${id}/report`)).text());
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await stopProcesses(parts);
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const open = async (
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ page: Page; troubles: string[] }> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) troubles.push(request.url());
    });
    await page.goto(pathToFileURL(reportFile).href);
    return { page, troubles };
  };

  it.each([
    [1100, 'light'],
    [1100, 'dark'],
    [390, 'light'],
  ] as const)(
    'at %d pixels, %s: shows all without asking anybody, and nothing sticks out',
    async (width, scheme) => {
      const { page, troubles } = await open(width, scheme);
      expect(await page.getByText('Likely manipulated', { exact: true }).isVisible()).toBe(true);
      expect(await page.locator('svg.timeline circle').count()).toBe(30);
      const loaded = await page.$$eval('img', (images) =>
        images.map((image) => image.naturalWidth),
      );
      expect(loaded.length).toBeGreaterThanOrEqual(5);
      expect(loaded.every((pixels) => pixels > 0)).toBe(true);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      ).toBeLessThanOrEqual(0);
      expect(troubles).toEqual([]);
      if (pictures !== undefined)
        await page.screenshot({
          path: path.join(pictures, `report-${scheme}-${width}.png`),
          fullPage: true,
        });
      await page.close();
    },
  );

  it('shows the hump where the video was edited', async () => {
    const { page } = await open(1100, 'light');
    // The plot's lower edge is 0, its upper edge 1.
    const heights = await page.$$eval('svg.timeline circle', (points) =>
      points.map((point) => -Number(point.getAttribute('cy'))),
    );
    const mean = (from: number, to: number) => {
      const part = heights.slice(from, to);
      return part.reduce((sum, height) => sum + height, 0) / part.length;
    };
    const span = Math.max(...heights) - Math.min(...heights);
    // 30 samples over 20 s: the edit lasts from 6.7 s to 13.3 s.
    expect(mean(10, 20) - mean(0, 10)).toBeGreaterThan(span / 2);
    expect(mean(10, 20) - mean(20, 30)).toBeGreaterThan(span / 2);
    await page.close();
  });
});
