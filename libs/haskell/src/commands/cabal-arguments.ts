import { BuildMachinesError } from '@build-machines/protocol';
import { refusal, SHORT_OPTION, SHORT_WITH_VALUE, valueOf } from './cabal-options.js';

/** GHC's options that put outputs elsewhere, read other package databases, or end before anything is built. */
const REFUSED_OF_GHC =
  /^-(o|odir|hidir|hiedir|stubdir|dumpdir|outputdir|osuf|hisuf|hcsuf|hiesuf|dyno|dynosuf|dynhisuf|package-db|package-env|no-global-package-db|clear-package-db|no-user-package-db|global-package-db|user-package-db|fno-code|no-link|c|S|C|E|M|e)(=.*)?$|^--(make|interactive|version|help|info|numeric-version|print-libdir|show-iface|abi-hash|frontend|supported-extensions)\b/;

/**
 * Checks that further arguments of a task leave alone what the task's hash, the sync and the artifacts rely on: where
 * cabal builds, what it reads, with which compiler, and that it builds.
 * @throws CabalArgumentError for the first that does not.
 */
export function requireUsableArguments(args: readonly string[]): void {
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    // cabal reads arguments from a file that is named so.
    if (arg.startsWith('@'))
      throw new CabalArgumentError(arg, 'cabal reads more arguments from a file', 'Write them out.');
    if (!arg.startsWith('-') || arg === '-') continue;
    if (!arg.startsWith('--')) {
      if (!SHORT_OPTION.test(arg)) throw refused(arg, arg.slice(1, 2));
      if (SHORT_WITH_VALUE.test(arg)) rest.shift();
      continue;
    }
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const takes = valueOf(name);
    if (takes === undefined) throw refused(arg, name);
    const given = value ?? (takes === 'next' ? rest.shift() : undefined) ?? '';
    if (/^(ghc|repl)-options?$/.test(name)) requireUsableGhcOptions(arg, given);
  }
}

function requireUsableGhcOptions(arg: string, value: string): void {
  const word = value.split(/[\s"']+/).find((option) => REFUSED_OF_GHC.test(option));
  if (word !== undefined)
    throw new CabalArgumentError(
      arg,
      `GHC's option ${word} changes where it writes, which packages it sees, or whether it builds`,
      `Leave ${word} out; options that change how code is compiled are fine.`,
    );
}

function refused(arg: string, name: string): CabalArgumentError {
  const { reason, instead } = refusal(name);
  return new CabalArgumentError(arg, reason, instead);
}

/** An argument for cabal would make the result another one than its hash says, or hide it. */
export class CabalArgumentError extends BuildMachinesError {
  readonly code = 'cabal-argument-refused';
  constructor(argument: string, reason: string, instead: string) {
    super(`The argument ${JSON.stringify(argument)} in "args" is refused: ${reason}.`, { hint: instead });
  }
}
