import type { OnDownload } from '../../../libs/model/hub.js';
import type { Logger } from '../../../libs/platform/logger.js';
import { tellParent } from '../../../libs/platform/parent-channel.js';

const EVERY_MS = 1_000;

/** Tells the log and the supervisor about once a second how far a download is. */
export function downloadProgress(logger: Logger): OnDownload {
  let toldAt = 0;
  return ({ file, loadedBytes, totalBytes }) => {
    const now = Date.now();
    const isLast = loadedBytes === totalBytes;
    if (now - toldAt < EVERY_MS && !isLast) return;
    toldAt = now;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const message = `downloading ${file}: ${megabytes(loadedBytes)} of ${totalBytes === null ? '?' : megabytes(totalBytes)} MB`;
    logger.info(message);
    const fraction = totalBytes === null || totalBytes === 0 ? undefined : loadedBytes / totalBytes;
    tellParent({ type: 'progress', message, ...(fraction === undefined ? {} : { fraction }) });
  };
}
