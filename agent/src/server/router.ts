import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one request; what it throws becomes the answer's error body. */
export type Handler = (request: IncomingMessage, response: ServerResponse, parameters: Parameters) => Promise<void>;

/** Values of the `{name}` segments of a route, and the query. */
export interface Parameters {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

/** Finds the handler of a request by method and path. */
export class Router {
  readonly #routes: Route[] = [];

  /** @param pattern path with `{name}` for segments that vary. */
  on(method: 'GET' | 'POST', pattern: string, handler: Handler): this {
    this.#routes.push({ method, segments: pattern.split('/'), handler });
    return this;
  }

  find(method: string, url: string): { handler: Handler; parameters: Parameters } | undefined {
    // The host plays no part: the URL of a request holds a path only.
    const { pathname, searchParams } = new URL(url, 'http://agent');
    const segments = pathname.split('/');
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const path = match(route.segments, segments);
      if (path !== undefined) return { handler: route.handler, parameters: { path, query: searchParams } };
    }
    return undefined;
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? '';
    if (expected.startsWith('{')) found[expected.slice(1, -1)] = actual;
    else if (expected !== actual) return undefined;
  }
  return found;
}
