import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORAL_VERSION } from './version.js';

const LIMIT_MS = 120_000;
/** Where the SDK asks for the program. */
const DOWNLOAD_SITE = 'https://temporal.download/';
const SITE_LIMIT_MS = 5_000;

/** Lets Temporal's SDK fetch the CLI as it does for its own test server, and keeps the program. */
export async function downloadWithSdk(target: string): Promise<void> {
  await checkSite();
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const downloadDir = await mkdtemp(path.join(folder, 'download-'));
  try {
    // Loaded here alone: it is large, and needed once.
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = {
      type: 'cached-download' as const,
      version: `v${TEMPORAL_VERSION}`,
      downloadDir,
    };
    const environment = await withLimit(
      TestWorkflowEnvironment.createLocal({ server: { executable } }),
    );
    await environment.teardown();
    const [file] = await readdir(downloadDir);
    if (file === undefined) throw new Error('the download left no program behind');
    const temporary = path.join(downloadDir, 'whole');
    await copyFile(path.join(downloadDir, file), temporary);
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
}

/**
 * The SDK's download can't be stopped, and waits for minutes where packets get lost: ask first whether anybody answers.
 * Behind a proxy only the SDK knows the way.
 */
async function checkSite(): Promise<void> {
  const { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = process.env;
  if ([HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy].some(Boolean)) return;
  try {
    const signal = AbortSignal.timeout(SITE_LIMIT_MS);
    await fetch(DOWNLOAD_SITE, { method: 'HEAD', redirect: 'manual', signal });
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } };
    const why = cause?.code ?? (error instanceof Error ? error.message : String(error));
    throw new Error(`${DOWNLOAD_SITE} does not answer (${why})`, { cause: error });
  }
}

async function withLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no end within ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
