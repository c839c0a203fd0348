/** The routes that were registered, to tell an unknown path from a known one asked with the wrong method. */
export class RouteTable {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  /** @param path as the router takes it, with `:name` for a part that varies */
  add(path: string, methods: readonly string[]): void {
    const parts = path.split('/').map((part) => {
      if (part.startsWith(':')) return '[^/]+';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    });
    this.#routes.push({ pattern: new RegExp(`^${parts.join('/')}/?$`), methods });
  }

  /** @param url path of a request, with or without its query */
  methodsAt(url: string): readonly string[] {
    const path = url.split('?', 1)[0] ?? '';
    const methods = this.#routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}
