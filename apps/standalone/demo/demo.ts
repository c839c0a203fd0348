import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientKeyHeaders } from '../../../libs/platform/config/client-key.js';
import { ConfigError, loadConfig } from '../../../libs/platform/config/config.js';
import { projectRoot } from '../project-root.js';
import type { Service, ServiceOptions } from '../service.js';
import { ApiClient } from './api-client.js';
import { viewProgress } from './progress.js';
import { renderTable, type DemoRow } from './result-table.js';
import { renderTimeline } from './timeline.js';

const VIDEO = 'interview.mp4';
const FILES = ['portrait.jpg', 'portrait-edited.jpg', VIDEO];
const POLL_MS = 150;
const ANALYSIS_LIMIT_MS = 180_000;

type Run = (options: ServiceOptions, use: (service: Service) => Promise<void>) => Promise<void>;

/** Analyses the bundled media through the HTTP API of a service of its own, and shows what came of it. */
export async function runDemo(run: Run): Promise<void> {
  const config = loadConfig();
  const key = clientKeyHeaders(process.env);
  if (config.apiKeys.length > 0 && Object.keys(key).length === 0)
    throw new ConfigError('API_KEY: expected one of the keys of API_KEYS, which is set; got none');
  const dataDir = path.join(config.dataDir, 'demo');
  console.log('Starting the Temporal server, the API, a media worker and an inference worker …');
  const options: ServiceOptions = {
    dataDir,
    // What an earlier demo left would be answered from store, and nothing be analysed.
    isFresh: true,
    port: 0,
    // A profile file may well name a production cluster: the demo goes there only when told so.
    temporalAddress: config.temporal.address,
    useDemoModel: true,
    mostDeaths: 1,
    logLevel: process.env.LOG_LEVEL ?? 'warn',
    onStep: console.error,
  };
  await run(options, async (service) => {
    await demonstrate(new ApiClient(service.url, key), service, dataDir);
    if (options.temporalAddress === null)
      console.log(
        `             (while the service runs; DATA_DIR=${path.relative('', dataDir)} npm start -- --demo brings these runs back)`,
      );
    console.log(
      '\nThe demo model only recognises the kind of edit that these files were made with. For real use: npm start',
    );
  });
}

async function demonstrate(api: ApiClient, { url }: Service, dataDir: string): Promise<void> {
  console.log(`Up at ${url}. Analysing the bundled media anew, with the bundled demo model.\n`);
  const rows: DemoRow[] = [];
  for (const file of FILES) rows.push(await analyse(api, file));
  const isTerminal = process.stdout.isTTY;
  console.log(`\n${renderTable(rows, isTerminal)}\n`);
  const video = rows.find(({ file }) => file === VIDEO);
  if (video !== undefined) await showVideo(api, video, dataDir);
}

async function analyse(api: ApiClient, file: string): Promise<DemoRow> {
  const began = Date.now();
  const progress = viewProgress(file, process.stdout);
  try {
    let analysis = await api.submit(path.join(projectRoot, 'demo', file));
    progress.show(analysis);
    while (analysis.status === 'queued' || analysis.status === 'running') {
      if (Date.now() - began > ANALYSIS_LIMIT_MS)
        throw new Error(`expected ${file} to be analysed within ${ANALYSIS_LIMIT_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      analysis = await api.read(analysis.id);
      progress.show(analysis);
    }
    if (analysis.result === undefined)
      throw new Error(`${file}: ${analysis.status}, ${analysis.error?.detail ?? ''}`);
    return { file, result: analysis.result, seconds: (Date.now() - began) / 1000 };
  } finally {
    progress.end();
  }
}

async function showVideo(
  api: ApiClient,
  { file, result }: DemoRow,
  dataDir: string,
): Promise<void> {
  const duration = result.coverage.duration_seconds ?? 0;
  const points = result.timeline.flatMap(({ t, p }) => (t === null ? [] : [{ t, p }]));
  const width = Math.max(30, Math.min(90, process.stdout.columns || 80) - 8);
  console.log(
    `${file}: fake probability over time\n${renderTimeline(points, { duration, width })}\n`,
  );
  const report = path.join(dataDir, 'reports', `${path.parse(file).name}.html`);
  await mkdir(path.dirname(report), { recursive: true });
  await writeFile(report, await api.report(result.id));
  const { links } = await api.read(result.id);
  console.log(`Report:      ${report}`);
  console.log(`Temporal UI: ${links.temporal ?? 'not known (TEMPORAL_UI_URL)'}`);
}
