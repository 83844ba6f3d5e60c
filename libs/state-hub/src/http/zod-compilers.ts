import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** Makes zod schemas the schemas of routes: input is parsed by them, output is checked against them. */
export function installZodCompilers(app: FastifyInstance): void {
  app.setValidatorCompiler<unknown>(({ schema }) => {
    const zodSchema = asZod(schema);
    return (data: unknown) => {
      const result = zodSchema.safeParse(data);
      return result.success ? { value: result.data } : { error: result.error };
    };
  });
  app.setSerializerCompiler<unknown>(({ schema }) => {
    const zodSchema = asZod(schema);
    return (data: unknown) => JSON.stringify(zodSchema.parse(data));
  });
}

function asZod(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('routes of the hub declare their schemas with zod');
}
