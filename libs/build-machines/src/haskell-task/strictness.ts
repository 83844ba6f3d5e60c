import type { HaskellProject, LocatedPackage } from '@build-machines/haskell';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** GHC's options about warnings: a change of them alone compiles nothing again, so what was built before stands. */
const WARNING = /^-(W|w$|f(no-)?warn)/;

/** Lines of a package description that say where such options stand, and under which conditions. */
const STRUCTURE =
  /^\s*-?\s*(if|elif|else|then|when|condition|flags?|default|manual|common|import|library|executables?|test-suite|tests|benchmarks?)\b|\s-[Ww]/i;

/** Arguments for cabal that switch flags of packages, whose conditionals may hold such options. */
const FLAGS = /^(-f|--(flags|constraint)\b)/;

/**
 * What decides which warnings are errors in a package; empty where none is. GHC compiles no module again because a
 * warning became an error (`-Werror` is no part of its fingerprint), so a build would pass that fails from scratch. The
 * options may stand in any conditional, which the project's files can switch: of a package that has such an option, those
 * files count as they are.
 */
export function strictnessOf(pkg: LocatedPackage, { files, settings }: HaskellProject): string {
  const added = settings.filter((setting) => setting.package === null || setting.package === pkg.name);
  const own = pkg.components.flatMap(({ options }) => [...options]);
  const words = [...own, ...added.flatMap(({ options }) => options)].filter((word) => WARNING.test(word));
  if (!words.some((word) => word.startsWith('-Werror'))) return '';
  const structure = readFileSync(pkg.cabalFile, 'utf8')
    .split('\n')
    .filter((line) => STRUCTURE.test(line));
  return digestOf([words, structure, files.map((file) => readFileSync(file, 'utf8'))]);
}

/** The same of arguments for cabal, which hold for all packages of the project. */
export function strictnessOfArguments(args: readonly string[]): string {
  const words = args.flatMap((arg) => arg.split(/[\s=]+/)).filter((word) => WARNING.test(word));
  const flags = args.flatMap((arg, index) => (FLAGS.test(arg) ? [arg, args[index + 1] ?? ''] : []));
  return words.length + flags.length === 0 ? '' : digestOf([words, flags]);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
