import { z } from 'zod';

/** The part of JSON Schema that our own schemas use. */
export interface JsonSchema {
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  examples?: unknown[];
  hidden?: boolean;
}

/** The JSON schema of a zod schema, as what is sent (`input`) or as what has been read (`output`). */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  return z.toJSONSchema(schema, { io, reused: 'inline', unrepresentable: 'any' }) as JsonSchema;
}

/** A type in a few words: `string`, `"a" | "b"`, `list of string`. */
export function typeName(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeName))].join(' | ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : typeName(schema.items)}`;
  if (schema.type === 'object' && schema.properties === undefined && typeof schema.additionalProperties === 'object')
    return `map to ${typeName(schema.additionalProperties)}`;
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.format !== undefined) return `${schema.type ?? 'string'} (${schema.format})`;
  return schema.type ?? 'anything';
}

/** What else a value must be: bounds and patterns. */
export function constraints({ minimum, maximum, pattern, format }: JsonSchema): string {
  const bounds =
    minimum !== undefined && maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER
      ? [`${minimum} to ${maximum}`]
      : minimum !== undefined && Math.abs(minimum) < Number.MAX_SAFE_INTEGER
        ? [`at least ${minimum}`]
        : [];
  // A format says what its pattern says, in words.
  return [...bounds, ...(pattern === undefined || format !== undefined ? [] : [`matches \`${pattern}\``])].join(', ');
}
