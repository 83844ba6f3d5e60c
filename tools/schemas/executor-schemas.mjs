// Generates each executor's schema.json from its zod options, and executors.json from what is there, so that they
// cannot differ.
// `--check` writes nothing and fails when a file is not current.
import { build } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const executors = join(root, 'libs/build-machines/src/executors');
const check = process.argv.includes('--check');

/** What the schemas that Nx reads do without. */
const checks = new Set(
  'additionalProperties enum exclusiveMinimum maximum minimum minItems minLength pattern'.split(' '),
);

/** The command line word by word, for arguments that Nx would take for numbers or lists (options/args-as-written.ts). */
const asWritten = [
  '__unparsed__',
  { type: 'array', items: { type: 'string' }, hidden: true, $default: { $source: 'unparsed' } },
];

const names = (await readdir(executors, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory() && existsSync(join(executors, entry.name, 'options.ts')))
  .map((entry) => entry.name)
  .sort();

const stale = [];
const index = {};
for (const [name, schema] of Object.entries(await schemas(names))) {
  await keep(join(executors, name, 'schema.json'), schema);
  index[name] = entryOf(name, schema.description);
}
await keep(join(root, 'libs/build-machines/executors.json'), {
  $schema: 'https://json-schema.org/schema',
  executors: index,
});
if (stale.length > 0) {
  console.error(`✖ Not current: ${stale.join(', ')}\n  → npm run generated`);
  process.exitCode = 1;
}

/** Writes a generated file, or, when only checking, remembers that it is not current. */
async function keep(file, content) {
  const text = await format(JSON.stringify(content), { ...(await resolveConfig(file)), parser: 'json' });
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  if (check) stale.push(file);
  else writeFileSync(file, text);
}

/** What executors.json says of one executor; an implementation of batches is preferred where there is one. */
function entryOf(name, description) {
  const folder = `./dist/executors/${name}`;
  const batch = existsSync(join(executors, name, `${name}-batch.impl.ts`))
    ? { batchImplementation: `${folder}/${name}-batch.impl.cjs`, preferBatch: true }
    : {};
  const hasher = existsSync(join(executors, name, `${name}.hasher.ts`))
    ? { hasher: `${folder}/${name}.hasher.cjs` }
    : {};
  const implementation = `${folder}/${name}.impl.cjs`;
  return { implementation, ...batch, ...hasher, schema: `${folder}/schema.json`, description };
}

/** The JSON schema of each executor's options, in the dialect and with the keys that Nx reads. */
async function schemas(names) {
  const imports = names.map((name, index) => `export { Options as o${index} } from './${name}/options.js';`);
  const outfile = join(root, '.cache/schemas/options.mjs');
  await build({
    stdin: {
      contents: `${imports.join('\n')}\nexport { z } from 'zod';`,
      resolveDir: executors,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    alias: { '@build-machines/protocol': join(root, 'libs/protocol/src/index.ts') },
  });
  const module = await import(outfile);
  return Object.fromEntries(
    names.map((name, index) => {
      // `input`: options with a default are not required of the user.
      const schema = module.z.toJSONSchema(module[`o${index}`], { target: 'draft-7', io: 'input' });
      return [name, { ...withoutChecks(schema), $schema: 'https://json-schema.org/schema', version: 2 }];
    }),
  );
}

/**
 * The schema with what helps an editor and Nx's conversion of the command line, without what would make Nx refuse a
 * value: in a batch it does so with a stack trace, and on the command line 9.8 is a number before anybody has seen that a
 * version is meant. The executors check by themselves (options/parse-options.ts).
 */
function withoutChecks({ properties, ...schema }) {
  const options = Object.entries(properties).map(([name, property]) => [name, anyValue(property)]);
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([key]) => !checks.has(key))),
    properties: Object.fromEntries([...options, ...('args' in properties ? [asWritten] : [])]),
  };
}

/** An option whose type Nx shows and converts to, and takes any value for: of `anyOf`, it looks at nothing else. */
function anyValue(property) {
  const kept = Object.entries(property).filter(([key]) => !checks.has(key));
  const isVersion = property.type === 'string' && property.pattern?.startsWith('^\\d');
  return {
    ...Object.fromEntries(kept),
    // Of several types, the first is what --help shows.
    ...(property.type === undefined && property.anyOf !== undefined ? { type: property.anyOf[0].type } : {}),
    ...(isVersion ? { format: 'version' } : {}),
    anyOf: ['string', 'number', 'boolean', 'array', 'object'].map((type) => ({ type })),
  };
}
