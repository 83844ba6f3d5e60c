import type { Command } from 'commander';
import type { KnownCommand, KnownCommands } from './known-commands.js';

/** Options that Nx itself takes before ours see them (nx run --help, nx g --help). `--version` is one of them. */
const NX_RUN = new Set(
  'batch configuration excludeTaskDependencies help parallel skip-nx-cache skipNxCache verbose'.split(' '),
);
const NX_GENERATE = new Set('dry-run dryRun help interactive no-interactive verbose'.split(' '));

/** Commands of Nx that pages mention and that have nothing of ours in them. */
const NX_OTHERS = new Set('add daemon graph init migrate release reset show sync sync:check'.split(' '));

/** What is wrong with a command; undefined when it could be run as it stands. */
export function problemOf(words: readonly string[], known: KnownCommands): string | undefined {
  const [program, verb = '', ...rest] = words;
  if (program === 'build-machines') return problemOfOurs(words.slice(1), known.program);
  if (verb === 'run') return problemOfRun(rest, known);
  if (verb === 'g' || verb === 'generate') return problemOfGenerator(rest, known);
  if (verb === 'affected' || verb === 'run-many') return problemOfMany(rest, known);
  return NX_OTHERS.has(verb) ? undefined : `nx has no command ${verb}`;
}

function problemOfRun([task = '', ...args]: readonly string[], { targets }: KnownCommands): string | undefined {
  const [, target = ''] = task.split(':');
  const command = targets.get(target);
  return command === undefined
    ? `no machine or package has a target ${target}`
    : problemOfArguments(args, command, NX_RUN);
}

function problemOfGenerator(
  [name = '', ...args]: readonly string[],
  { generators }: KnownCommands,
): string | undefined {
  const command = generators.get(name.replace(/^build-machines:/, ''));
  return command === undefined ? `there is no generator ${name}` : problemOfArguments(args, command, NX_GENERATE);
}

function problemOfMany(args: readonly string[], { targets }: KnownCommands): string | undefined {
  const from = args.indexOf('-t') + 1;
  const named = args.slice(from).filter((word) => !word.startsWith('-'));
  const odd = named.find((name) => name.startsWith('remote-') && !targets.has(name));
  return odd === undefined ? undefined : `no package has a target ${odd}`;
}

function problemOfArguments(
  args: readonly string[],
  { options, positional }: KnownCommand,
  ofNx: ReadonlySet<string>,
): string | undefined {
  const given = args.filter((word) => word !== '--');
  const odd = given
    .filter((word) => word.startsWith('--'))
    .map((word) => word.slice(2).replace(/=.*$/, ''))
    .find((name) => !options.has(name) && !ofNx.has(name));
  if (odd !== undefined) return `there is no option --${odd}`;
  const words = given.filter((word) => !word.startsWith('-'));
  return words.length > positional ? `nothing takes the word ${words[positional] ?? ''}` : undefined;
}

/** Also one that only names a group of commands is right: `build-machines hub --help`. */
function problemOfOurs(words: readonly string[], program: Command): string | undefined {
  const [name = '', ...rest] = words;
  if (program.commands.length > 0 && !name.startsWith('-')) {
    const command = program.commands.find(
      (candidate) => candidate.name() === name || candidate.aliases().includes(name),
    );
    return command === undefined ? `${program.name()} has no command ${name}` : problemOfOurs(rest, command);
  }
  const odd = words
    .filter((word) => word.startsWith('-') && word !== '--help')
    .map((word) => word.replace(/=.*$/, ''))
    .find((word) => !program.options.some(({ long, short }) => word === long || word === short));
  return odd === undefined ? undefined : `${program.name()} has no option ${odd}`;
}
