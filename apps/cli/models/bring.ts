import { resolveModel, type LocalModel } from '../../../libs/model/source.js';
import { viewDownloads } from './download-view.js';
import type { Target } from './target.js';

/** Makes sure that the model's files are on this machine, and shows on standard error how far it is. */
export async function bring({ source }: Target, signal: AbortSignal): Promise<LocalModel> {
  const view = viewDownloads(process.stderr);
  try {
    return await resolveModel(source, { signal, ...view });
  } finally {
    view.end();
  }
}
