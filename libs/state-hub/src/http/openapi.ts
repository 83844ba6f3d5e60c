import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** Describes all routes declared after this call as OpenAPI 3.1, from the zod schemas that check them. */
export async function installOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'build-machines State Hub',
        version,
        description: 'Which build machines are there, who is busy, and what happened.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access ?? 'admin';
      const { body, querystring, params, response, ...rest } = schema as Record<string, unknown>;
      return {
        url,
        schema: {
          ...rest,
          ...(access === 'open' ? {} : { security: [{ token: [access] }] }),
          ...(body === undefined ? {} : { body: toJsonSchema(body, 'input') }),
          ...(querystring === undefined ? {} : { querystring: toJsonSchema(querystring, 'input') }),
          ...(params === undefined ? {} : { params: toJsonSchema(params, 'input') }),
          ...(response === undefined ? {} : { response: toResponses(response) }),
        },
      };
    },
  });
}

function toResponses(response: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(response as Record<string, unknown>).map(([status, schema]) => [
      status,
      schema instanceof z.ZodUndefined ? { type: 'null', description: 'No content' } : toJsonSchema(schema, 'output'),
    ]),
  );
}

function toJsonSchema(schema: unknown, io: 'input' | 'output'): unknown {
  if (!(schema instanceof z.ZodType)) throw new TypeError('routes of the hub declare their schemas with zod');
  return { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }), $schema: undefined };
}
