import { BuildMachinesError } from '@build-machines/protocol';
import { basename } from 'node:path';
import type { CompilerField } from './compiler-fields.js';

/** A field that names the compiler, and its file. */
export interface LocatedCompilerField extends CompilerField {
  /** Absolute path. */
  readonly file: string;
}

/** A version of GHC, whole or its first numbers. */
const VERSION = String.raw`\d+(?:\.\d+)+`;

/**
 * The GHC version that a project's files ask for, as far as it is exact and the same whatever its conditionals decide;
 * undefined where they ask for none, or it takes a run's toolchain to judge them (see {@link requireRequestedCompiler}).
 */
export function requestedGhc(fields: readonly LocatedCompilerField[]): string | undefined {
  const versions = new Set(effective(fields).map(versionOf));
  const [version] = versions;
  return versions.size === 1 && version !== undefined && /^\d+\.\d+\.\d+/.test(version) ? version : undefined;
}

/**
 * Checks that a project's files ask for no other compiler than the one that builds. cabal itself does not get to read
 * these fields: its command line names the compiler of the run.
 * @param ghc version of the compiler that the machine is asked for; undefined: it has none.
 * @throws CompilerContradictedError, CompilerUnclearError
 */
export function requireRequestedCompiler(fields: readonly LocatedCompilerField[], ghc: string | undefined): void {
  for (const field of effective(fields)) {
    if (isPlain(field)) continue;
    const version = versionOf(field);
    if (version === undefined) throw new CompilerUnclearError(field);
    if (ghc !== undefined && ghc !== version && !ghc.startsWith(`${version}.`))
      throw new CompilerContradictedError(field, version, ghc);
  }
}

/** The fields that count: of those without a condition the last, as cabal takes it; of the others each may. */
function effective(fields: readonly LocatedCompilerField[]): LocatedCompilerField[] {
  const kinds = new Map<boolean, LocatedCompilerField>();
  for (const field of fields) if (!field.conditional) kinds.set(field.name === 'compiler', field);
  return [...kinds.values(), ...fields.filter((field) => field.conditional)].filter((field) => !isPlain(field));
}

/** Whether a field asks for GHC, of any version. */
function isPlain({ text }: CompilerField): boolean {
  return text === 'ghc';
}

/** `ghc-9.0.2`, also as a path's last part, or a path with a folder of that version, as GHCup and /opt have it. */
function versionOf({ name, text }: CompilerField): string | undefined {
  if (name === 'compiler') return undefined;
  const own = new RegExp(`^ghc-(${VERSION})$`).exec(basename(text))?.[1];
  return own ?? (basename(text) === 'ghc' ? new RegExp(`/(?:ghc-)?(${VERSION})(?:/|$)`).exec(text)?.[1] : undefined);
}

const at = ({ file, line, name, text }: LocatedCompilerField): string => `${file}:${line}: "${name}: ${text}"`;

/** A project file asks for another GHC version than the one that the task would be built with. */
export class CompilerContradictedError extends BuildMachinesError {
  readonly code = 'compiler-contradicted';
  constructor(field: LocatedCompilerField, version: string, ghc: string) {
    super(`${at(field)} asks for GHC ${version}, but the task is to be built with GHC ${ghc}.`, {
      hint:
        `Ask for the same: --ghc=${version} ("ghc" in the options of the target or of the plugin, or first in toolchains.ghc ` +
        `of machine.yml), or change that line. A line that only concerns this computer belongs into ~/.cabal/config.`,
    });
  }
}

/** A project file names a compiler in a way that does not say which version of GHC it is. */
export class CompilerUnclearError extends BuildMachinesError {
  readonly code = 'compiler-unclear';
  constructor(field: LocatedCompilerField) {
    super(`${at(field)} does not say which version of GHC the machine shall build with.`, {
      hint:
        'Write "with-compiler: ghc-9.6.6" with the version that you want: a path of this computer means nothing on the ' +
        'machine. Or remove the line, and name the version by the option "ghc": --ghc=9.6.6.',
    });
  }
}
