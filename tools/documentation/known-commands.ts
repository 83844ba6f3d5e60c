import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { describedProgram } from '../reference/program.js';

const Schema = z.object({
  properties: z.record(z.string(), z.looseObject({ $default: z.unknown().optional(), alias: z.string().optional() })),
});

/** What a target or a generator may be given. */
export interface KnownCommand {
  /** Names of its options, also as they are negated. */
  readonly options: ReadonlySet<string>;
  /** How many words without a dash it takes. */
  readonly positional: number;
}

/** Everything that a command can be about, from the schemas and the program themselves. */
export interface KnownCommands {
  readonly targets: ReadonlyMap<string, KnownCommand>;
  readonly generators: ReadonlyMap<string, KnownCommand>;
  readonly program: Command;
}

export function knownCommands(root: string): KnownCommands {
  return {
    targets: fromManifest(root, 'executors'),
    generators: fromManifest(root, 'generators'),
    program: describedProgram(),
  };
}

function fromManifest(root: string, kind: 'executors' | 'generators'): Map<string, KnownCommand> {
  const plugin = join(root, 'libs/build-machines');
  const Entries = z.record(z.string(), z.looseObject({ schema: z.string(), aliases: z.array(z.string()).default([]) }));
  const manifest = z.looseObject({ [kind]: Entries }).parse(readJson(join(plugin, `${kind}.json`)));
  const known = new Map<string, KnownCommand>();
  for (const [name, { schema, aliases }] of Object.entries(Entries.parse(manifest[kind]))) {
    const command = fromSchema(readJson(join(plugin, schema.replace('./dist/', 'src/'))));
    for (const each of [name, ...aliases]) known.set(each, command);
  }
  return known;
}

function fromSchema(schema: unknown): KnownCommand {
  const properties = Object.entries(Schema.parse(schema).properties);
  const names = properties.flatMap(([name, { alias }]) => (alias === undefined ? [name] : [name, alias]));
  return {
    options: new Set(names.flatMap((name) => [name, `no-${name}`])),
    positional: properties.filter(([, { $default }]) => $default !== undefined).length,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The root of the repository, seen from a file in one of its tools' folders. */
export const repositoryRoot = dirname(dirname(__dirname));
