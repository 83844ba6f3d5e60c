import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * `/`: the page. Its few files are read once, at the first request, and served from memory under exactly their names,
 * so no path of a request ever reaches the file system. Vite names assets by content: they may be cached for ever.
 */
export function pageRoutes(app: FastifyInstance, folder: string | null): void {
  let files: Promise<Map<string, Buffer>> | undefined;
  const load = () => (files ??= readPage(folder));
  const config = { access: 'open' } as const;
  app.get('/', { config, schema: { hide: true } }, async (_request, reply) => {
    const html = (await load()).get('index.html');
    return reply
      .type(CONTENT_TYPES['.html'] ?? '')
      .header('cache-control', 'no-cache')
      .send(html ?? NO_PAGE);
  });
  app.get<{ Params: { file: string } }>('/assets/:file', { config, schema: { hide: true } }, async (request, reply) => {
    const content = (await load()).get(`assets/${request.params.file}`);
    if (content === undefined) {
      reply.callNotFound();
      return reply;
    }
    return reply
      .type(CONTENT_TYPES[extname(request.params.file)] ?? 'application/octet-stream')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(content);
  });
}

async function readPage(folder: string | null): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  if (folder === null || !existsSync(join(folder, 'index.html'))) return files;
  files.set('index.html', await readFile(join(folder, 'index.html')));
  for (const name of await readdir(join(folder, 'assets'))) {
    files.set(`assets/${name}`, await readFile(join(folder, 'assets', name)));
  }
  return files;
}

const NO_PAGE =
  '<!doctype html><html lang="en"><title>State Hub</title><p>This hub was started without its page. ' +
  'The API is described at <a href="/docs">/docs</a>.</p></html>';
