import { CancellationScope, patched } from '@temporalio/workflow';

/**
 * Runs `work` on each item in order, at most `width` at a time. Resolves when all are done. The first failure cancels
 * what is under way; once that has ended too, rejects with it: no work outlives the run that asked for it.
 */
export async function forEachInWindow<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const scope = new CancellationScope();
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    while (failure === null && next < items.length) {
      const item = items[next++] as T;
      try {
        await work(item);
      } catch (error) {
        if (failure !== null) return;
        failure = { error };
        // Runs of the first release ended with the first failure.
        if (!patched('segments-end-together')) throw error;
        scope.cancel();
      }
    }
  };
  await scope.run(() => Promise.all(Array.from({ length: Math.min(width, items.length) }, lane)));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}
