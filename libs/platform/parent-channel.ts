/** What a part tells the supervisor that started it. Without one (in a container) nobody is told. */
export type PartMessage =
  /** `port` is where the API listens. */
  | { readonly type: 'ready'; readonly port?: number }
  | { readonly type: 'progress'; readonly message: string; readonly fraction?: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export function tellParent(message: PartMessage): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** Exit code for what a restart can't mend (`EX_CONFIG`): wrong configuration, a model that can't be loaded. */
export const EXIT_CONFIGURATION = 78;
