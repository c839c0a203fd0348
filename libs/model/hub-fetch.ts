/** Told of each file's bytes while it is downloaded. `totalBytes` is null where the hub doesn't say. */
export type OnDownload = (progress: {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number | null;
}) => void;

/** A hub that gives no answer, or no further byte, for this long is down. */
const SILENCE_MS = 20_000;

/** `fetch` that gives up on silence and tells how far a file is. */
export function countingFetch(
  outer: AbortSignal | undefined,
  onDownload: OnDownload | undefined,
): typeof fetch {
  return async (input, init) => {
    const silence = new AbortController();
    const giveUp = () => {
      silence.abort(new Error(`no byte for ${SILENCE_MS / 1000} s`));
    };
    let timer = setTimeout(giveUp, SILENCE_MS).unref();
    const signals = [silence.signal, outer, init?.signal].filter(
      (signal) => signal !== undefined && signal !== null,
    );
    try {
      const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
      if (response.body === null) return response;
      // Of the request: a hub redirects to storage where files have other names.
      const file =
        new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1) ?? '';
      const length = response.headers.get('content-length');
      const totalBytes = length === null ? null : Number(length);
      let loadedBytes = 0;
      const counted = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => {
            clearTimeout(timer);
            timer = setTimeout(giveUp, SILENCE_MS).unref();
            loadedBytes += chunk.length;
            onDownload?.({ file, loadedBytes, totalBytes });
            controller.enqueue(chunk);
          },
          flush: () => {
            clearTimeout(timer);
          },
        }),
      );
      const { status, statusText, headers } = response;
      const wrapped = new Response(counted, { status, statusText, headers });
      Object.defineProperty(wrapped, 'url', { value: response.url });
      return wrapped;
    } catch (error) {
      clearTimeout(timer);
      throw silence.signal.aborted ? silence.signal.reason : error;
    }
  };
}
