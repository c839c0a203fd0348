import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeStill, encodeJpeg } from '../../libs/media/still.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';
import { renderReport } from '../../libs/report/render-report.js';
import type { AnalysisResult, TimelineEntry } from '../../workflows/contracts/result.js';

const portrait = new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url).pathname;

const timeline: readonly TimelineEntry[] = Array.from({ length: 30 }, (_, frame) => ({
  frame,
  t: frame + 0.5,
  p: frame > 10 && frame < 20 ? 0.93 : 0.12,
  box: frame === 3 ? null : ([10, 20, 30, 40] as const),
  track: frame === 3 ? null : 0,
}));
const result: AnalysisResult = {
  video_score: 93,
  peak_risk: 93,
  mean_risk: 36.3,
  audio_score: 0,
  gan_fingerprint: 93,
  temporal_consistency: 0,
  risk_score: 93,
  confidence: 89.5,
  inference_time: 1234,
  model_version: 'v2',
  id: '0123456789abcdef-0123456789abcdef',
  verdict: 'likely_fake',
  reasons: ['risk_at_or_above_fake_threshold', 'high_risk_in_part_of_the_media'],
  coverage: {
    policy: 'even',
    duration_seconds: 32,
    analysed_seconds: 30,
    frames_sampled: 32,
    frames_decoded: 30,
    frames_unreadable: 2,
    frames_without_face: 1,
    gaps: [[30, 32]],
  },
  tracks: [],
  timeline,
  flags: ['some_frames_without_face', 'demo_model'],
  media: {
    sha256: 'ab'.repeat(32),
    declared_hash: null,
    media_type: 'VIDEO',
    bytes: 1_234_567,
    container: 'mov,mp4,m4a,3gp,3g2,mj2',
    codec: 'h264',
    width: 640,
    height: 360,
    duration_seconds: 32,
    frame_rate: 25,
    rotation_degrees: 0,
  },
  model: {
    id: `owner/${'long'.repeat(30)}`,
    revision: 'cd'.repeat(20),
    weights_sha256: 'cd'.repeat(32),
    architecture: 'SiglipForImageClassification',
    dtype: 'fp32',
    device: 'cpu',
    graph_builder: 'siglip-1',
    input_size: 224,
    processor: {
      resample: 2,
      rescale_factor: 1 / 255,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
    accuracy: null,
    labels: ['Fake', 'Real'],
    fake_label: 'Fake',
    fingerprint: '0123456789abcdef',
  },
  pipeline: {
    revision: '1',
    face_detector: 'mediapipe-0.10.35/full_range_sparse/min-score-0.5',
    crop_margin: 1.3,
    fake_threshold: 70,
    real_threshold: 30,
  },
  created_at: '2020-01-01T00:00:00.000Z',
};

function chromiumPath(): string {
  const found = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'chromium'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('expected chromium on PATH; "npm test" installs it');
  return found;
}

describe('the report in a browser', () => {
  let folder: string;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'report-'));
    const image = await decodeStill(portrait);
    const crop = resizePillow({ ...image, channels: 4 }, 224, 224, 2);
    const jpeg = await encodeJpeg(crop, 224, 224);
    const face = { frame: 12, seconds: 12.5, p: 0.93, why: 'highest' as const, jpeg };
    const file = path.join(folder, 'report.html');
    await writeFile(file, renderReport({ result, faces: [face] }));
    url = pathToFileURL(file).href;
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: ['--disable-gpu', '--disable-quic', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const withPage = async (
    options: { width: number; colorScheme: 'light' | 'dark' },
    check: (page: Page) => Promise<void>,
  ) => {
    const page = await browser.newPage({
      viewport: { width: options.width, height: 900 },
      colorScheme: options.colorScheme,
    });
    try {
      await check(page);
    } finally {
      await page.close();
    }
  };
  const background = (page: Page) =>
    page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

  it('asks for nothing, complains of nothing and shows its pictures', () =>
    withPage({ width: 1100, colorScheme: 'light' }, async (page) => {
      const messages: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => messages.push(message.text()));
      page.on('pageerror', (error) => messages.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(url);
      expect(messages).toEqual([]);
      expect(requests.filter((request) => !request.startsWith('data:'))).toEqual([url]);
      expect(await page.evaluate('document.querySelector("figure img").naturalWidth')).toBe(224);
      expect(await page.locator('svg circle').count()).toBe(timeline.length);
    }));

  it('keeps what is put into it from loading or running', () =>
    withPage({ width: 1100, colorScheme: 'light' }, async (page) => {
      await page.goto(url);
      const refused = await page.evaluate<string[]>(`new Promise((resolve) => {
        const refused = [];
        addEventListener('securitypolicyviolation', (event) => {
          refused.push(event.effectiveDirective);
          if (refused.length === 2) resolve(refused.sort());
        });
        const image = document.createElement('img');
        image.src = 'http://127.0.0.1:9/x.png';
        const script = document.createElement('script');
        script.textContent = 'document.title = "ran"';
        document.body.append(image, script);
      })`);
      expect(refused).toEqual(['img-src', 'script-src-elem']);
      expect(await page.title()).toContain('Likely manipulated');
    }));

  it.each([320, 380, 700, 1100])('fits a window of %i pixels', (width) =>
    withPage({ width, colorScheme: 'dark' }, async (page) => {
      await page.goto(url);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const clipped = await page.evaluate<string[]>(`(() => {
        const frame = document.querySelector('svg').getBoundingClientRect();
        return [...document.querySelectorAll('svg text')]
          .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0)
          .filter(({ box }) => box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom)
          .map(({ text }) => text);
      })()`);
      expect(clipped).toEqual([]);
    }),
  );

  it('is dark for who wants it dark, and light on paper', () =>
    withPage({ width: 1100, colorScheme: 'dark' }, async (page) => {
      await page.goto(url);
      expect(await background(page)).toBe('rgb(20, 23, 26)');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await background(page)).toBe('rgb(255, 255, 255)');
    }));
});
