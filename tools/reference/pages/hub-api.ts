import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '@build-machines/state-hub';
import { z } from 'zod';
import type { JsonSchema } from '../json-schema.js';
import { page, propertyTable, table } from '../markdown.js';

const Operation = z.object({
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).default([]),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().optional(),
        description: z.string().optional(),
        schema: z.custom<JsonSchema>().optional(),
      }),
    )
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.custom<JsonSchema>() })) }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().optional() })).default({}),
});
type Operation = z.infer<typeof Operation>;
const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) });

/** docs/reference/hub-api.md: from the OpenAPI document that a real hub serves. */
export async function hubApiPage(): Promise<string> {
  const { paths } = OpenApi.parse(await openApiOfHub());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? 'other'))];
  return page(
    'State Hub API',
    'The hub serves this as OpenAPI under `/docs/json`. Errors have the body of [ErrorBody](agent-api.md#errorbody).',
    ...tags.map((tag) =>
      [
        `## ${tag}`,
        ...operations
          .filter(({ operation }) => (operation.tags[0] ?? 'other') === tag)
          .map(({ name, operation }) => operationSection(name, operation)),
      ].join('\n\n'),
    ),
  );
}

function operationSection(name: string, operation: Operation): string {
  const { summary, description, parameters, requestBody, responses } = operation;
  const [body] = Object.entries(requestBody?.content ?? {});
  return [
    `### ${name}`,
    [summary, description].filter((text) => text !== undefined).join('. '),
    parameters.length === 0
      ? ''
      : table(
          ['Parameter', 'In', 'Description'],
          parameters.map((parameter) => [
            `\`${parameter.name}\`${parameter.required === true ? ' (required)' : ''}`,
            parameter.in,
            parameter.description ?? parameter.schema?.description ?? '',
          ]),
        ),
    body === undefined ? '' : `Body, \`${body[0]}\`:\n\n${propertyTable(body[1].schema, 'Field')}`,
    `Answers: ${Object.keys(responses).join(', ')}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

async function openApiOfHub(): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-api-'));
  const hub = await startHub({
    port: 0,
    databaseFile: join(folder, 'hub.db'),
    adminToken: 'only-for-reading-the-description-of-the-api',
  });
  try {
    return await (await fetch(`${hub.url}/docs/json`)).json();
  } finally {
    await hub.close();
    await rm(folder, { recursive: true });
  }
}
