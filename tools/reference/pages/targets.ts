import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { JsonSchema } from '../json-schema.js';
import { page, propertyTable } from '../markdown.js';

const Entry = z.object({ schema: z.string(), description: z.string(), hidden: z.boolean().optional() });

interface ExampleSchema extends JsonSchema {
  continuous?: boolean;
}

/** docs/reference/executors.md: every executor with its options, from executors.json and the schemas that it names. */
export function executorsPage(root: string): string {
  const executors = readEntries(root, 'executors');
  return page(
    'Executors',
    'An executor is what a target runs. The targets of Haskell packages and machines are inferred; these are the options ' +
      'that `project.json`, the plugin options or the command line can set. `nx run <project>:<target> --help` shows the same.',
    ...executors.map(([name, { schema, description }]) => section(name, description, asMeant(schema))),
  );
}

/** docs/reference/generators.md: every generator with its options and examples. */
export function generatorsPage(root: string): string {
  const generators = readEntries(root, 'generators');
  return page(
    'Generators',
    'Run one with `nx g build-machines:<name>`; `--dry-run` shows the very changes, and changes nothing.',
    ...generators.map(([name, { schema }]) =>
      [section(name, schema.description ?? '', schema), examples(schema)].filter((part) => part !== '').join('\n\n'),
    ),
  );
}

/** An executor's schema without what lets Nx take any value and pass on the command line (tools/schemas). */
function asMeant(schema: ExampleSchema): ExampleSchema {
  const options = Object.entries(schema.properties ?? {}).filter(([, { hidden }]) => hidden !== true);
  return {
    ...schema,
    properties: Object.fromEntries(options.map(([name, property]) => [name, { ...property, anyOf: undefined }])),
  };
}

function section(name: string, description: string, schema: ExampleSchema): string {
  const continuous = schema.continuous === true ? '\n\nContinuous: it runs until it is ended.' : '';
  return `## ${name}\n\n${description}${continuous}\n\n${propertyTable(schema)}`;
}

function examples({ examples: given }: JsonSchema): string {
  const parsed = z.array(z.object({ command: z.string(), description: z.string() })).parse(given ?? []);
  if (parsed.length === 0) return '';
  const lines = parsed.flatMap(({ command, description }) => [`# ${description}`, command]);
  return ['```bash', ...lines, '```'].join('\n');
}

/** The entries of executors.json or generators.json with their schemas, from the sources that the build copies. */
function readEntries(
  root: string,
  kind: 'executors' | 'generators',
): [name: string, entry: { description: string; schema: ExampleSchema }][] {
  const plugin = join(root, 'libs/build-machines');
  const manifest: unknown = JSON.parse(readFileSync(join(plugin, `${kind}.json`), 'utf8'));
  const entries = z.object({ [kind]: z.record(z.string(), Entry) }).parse(manifest)[kind] ?? {};
  return Object.entries(entries).map(([name, { schema, description }]) => [
    name,
    {
      description,
      schema: JSON.parse(readFileSync(join(plugin, schema.replace('./dist/', 'src/')), 'utf8')) as ExampleSchema,
    },
  ]);
}
