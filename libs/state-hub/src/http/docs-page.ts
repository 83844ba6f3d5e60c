import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const Operation = z.object({
  summary: z.string().default(''),
  tags: z.array(z.string()).default(['other']),
  security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), description: z.string().optional() })).default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()).default({}),
});
type Operation = z.infer<typeof Operation>;
const OpenApiDocument = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

/**
 * `/docs`: the API for people, and `/docs/json` for programs. The page is plain HTML without a script: it needs no
 * internet, and passes the same strict Content-Security-Policy as everything else.
 */
export function docsRoutes(app: FastifyInstance): void {
  app.get('/docs/json', { config: { access: 'open' }, schema: { hide: true } }, () => app.swagger());
  app.get('/docs', { config: { access: 'open' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(renderDocs(app.swagger())),
  );
  app.get('/docs/style.css', { config: { access: 'open' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STYLE),
  );
}

function renderDocs(document: unknown): string {
  const { info, paths } = OpenApiDocument.parse(document);
  const byTag = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? 'other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), renderOperation(method, path, operation)]);
    }
  }
  const sections = [...byTag].map(([tag, items]) => `<h2 id="${escape(tag)}">${escape(tag)}</h2>${items.join('')}`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(info.title)}: API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs/style.css"></head>
<body><main><h1>${escape(info.title)} <small>${escape(info.version)}</small></h1><p>${escape(info.description)}</p>
<p>Send <code>Authorization: Bearer …</code>; the access that a request needs stands beside it.
<a href="/docs/json">OpenAPI 3.1 as JSON</a> · <a href="/">The page</a></p>${sections.join('')}</main></body></html>`;
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const access = operation.security.flatMap((one) => Object.values(one).flat()).join(', ');
  const parameters = operation.parameters.map(
    ({ name, in: where, description }) =>
      `<li><code>${escape(name)}</code> <small>${escape(where)}</small> ${escape(description ?? '')}</li>`,
  );
  const schemas = [
    ...(operation.requestBody === undefined ? [] : [['Body', operation.requestBody] as const]),
    ...Object.entries(operation.responses).map(([status, schema]) => [`Answer ${status}`, schema] as const),
  ].map(
    ([title, schema]) =>
      `<details><summary>${escape(title)}</summary><pre tabindex="0">${escape(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  return `<section><h3><b>${escape(method.toUpperCase())}</b> <code>${escape(path)}</code></h3>
<p>${escape(operation.summary)}${access === '' ? '' : ` <small>needs ${escape(access)}</small>`}</p>
${parameters.length === 0 ? '' : `<ul>${parameters.join('')}</ul>`}${schemas.join('')}</section>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:60rem;margin:0 auto;padding:1rem 1.25rem 4rem}
h2{text-transform:capitalize;border-bottom:1px solid;margin-top:2.5rem}h3{margin-bottom:.25rem;font-weight:400}
h3 b{font-size:.8em;letter-spacing:.04em}p{margin:.25rem 0 .5rem}small{opacity:.75}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto;max-height:24rem}
summary{cursor:pointer}`;
