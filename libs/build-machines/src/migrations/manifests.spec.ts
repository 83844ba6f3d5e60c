import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import executors from '../../executors.json';
import generators from '../../generators.json';
import migrations from '../../migrations.json';

const root = join(__dirname, '../..');

/** The source that the build makes an entry of dist from; the build itself is checked by the publishing tests. */
const sourceOf = (path: string): string => join(root, path.replace(/^\.\/dist\//, 'src/').replace(/\.cjs$/, '.ts'));

/** Folders of `kind` that hold an entry of a manifest: those with a schema. */
const foldersOf = (kind: string): string[] =>
  readdirSync(join(root, 'src', kind)).filter((name) => existsSync(join(root, 'src', kind, name, 'schema.json')));

describe('generators.json', () => {
  const entries = Object.entries(generators.generators);

  it.each(entries)('names an implementation and a schema that exist for %s', (name, { factory, schema }) => {
    expect(factory).toBe(`./dist/generators/${name}/generator.cjs`);
    expect(existsSync(sourceOf(factory))).toBe(true);
    expect(existsSync(sourceOf(schema))).toBe(true);
  });

  it('names every generator that there is', () => {
    expect(foldersOf('generators').sort()).toEqual(entries.map(([name]) => name).sort());
  });

  it.each(entries)('says of every option of %s what it is', (_, { schema }) => {
    const { properties, description, examples } = z
      .object({
        description: z.string().min(1),
        examples: z.array(z.object({ command: z.string(), description: z.string() })).min(1),
        properties: z.record(z.string(), z.object({ description: z.string().min(10) })),
      })
      .parse(JSON.parse(readFileSync(sourceOf(schema), 'utf8')));
    expect(description).not.toBe('');
    for (const { command } of examples) expect(command).toMatch(/^nx /);
    expect(properties).toBeDefined();
  });
});

describe('executors.json', () => {
  const Entry = z.object({
    implementation: z.string(),
    schema: z.string(),
    description: z.string().min(10),
    batchImplementation: z.string().optional(),
  });
  const entries = Object.entries(z.record(z.string(), Entry).parse(executors.executors));

  it.each(entries)('names an implementation and a schema that exist for %s', (_, entry) => {
    for (const path of [entry.implementation, entry.schema, entry.batchImplementation ?? entry.schema])
      expect([path, existsSync(sourceOf(path))]).toEqual([path, true]);
  });

  it('names every executor that there is', () => {
    expect(foldersOf('executors').sort()).toEqual(entries.map(([name]) => name).sort());
  });
});

describe('migrations.json', () => {
  const Migration = z.object({
    version: z.string().regex(/^\d+\.\d+\.\d+/),
    description: z.string().min(10),
    implementation: z.string(),
  });
  const entries = Object.entries(z.record(z.string(), Migration).parse(migrations.generators));

  it('names migrations that exist, each with a page that says what changes for the user', () => {
    for (const [name, { implementation }] of entries) {
      const source = sourceOf(implementation);
      expect([name, existsSync(source)]).toEqual([name, true]);
      expect([name, existsSync(source.replace(/\.ts$/, '.md'))]).toEqual([name, true]);
    }
  });

  it('names every migration that there is', () => {
    const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.length).toBe(new Set(entries.map(([, { version }]) => version)).size);
  });
});
