import type { DownloadProgress } from '../../../libs/model/source.js';
import type { Logger } from '../../../libs/platform/logger.js';
import { tellParent } from '../../../libs/platform/parent-channel.js';

const EVERY_MS = 1_000;

/** Tells the log and the supervisor about once a second how far a download is. */
export function downloadProgress(logger: Logger): (progress: DownloadProgress) => void {
  let toldAt = 0;
  return ({ file, loadedBytes, totalBytes }) => {
    const now = Date.now();
    if (now - toldAt < EVERY_MS && loadedBytes < totalBytes) return;
    toldAt = now;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const message = `downloading ${file}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB`;
    logger.info(message);
    tellParent({ type: 'progress', message, fraction: loadedBytes / totalBytes });
  };
}
