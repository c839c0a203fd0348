/** What the API tells the supervisor that started it. Without one (in a container) nobody is told. */
export type PartMessage =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export function tellParent(message: PartMessage): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** Exit code for what a restart can't mend (`EX_CONFIG`). */
export const EXIT_CONFIGURATION = 78;
