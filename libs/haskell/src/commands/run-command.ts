import { componentsOf } from '../package/cabal-package.js';
import { cabalCommand, type CommandPieces, type CommandRequest, componentTarget } from './cabal-command.js';
import { ExecutableChoiceError } from './command-errors.js';
import { requiredPackage } from './required-package.js';

/** What to run. */
export interface ExecutableRequest extends Omit<CommandRequest, 'packages'> {
  readonly package: string;
  /** Default: the package's only executable, or the one with the package's name. */
  readonly executable?: string;
  readonly programArguments: readonly string[];
}

/**
 * Builds an executable and runs it in the project's folder. cabal's own messages are kept to errors, so that the
 * program's output is all there is. Building is a preparation, which has the mirror for itself; what `cabal run` then
 * finds is up to date.
 * @throws ExecutableChoiceError when it is not clear which, or there is none
 */
export function runCommand(request: ExecutableRequest): CommandPieces {
  const pkg = requiredPackage(request.project, request.package);
  const names = componentsOf(pkg, 'executable').map((component) => component.name);
  const wanted = request.executable ?? (names.length === 1 ? names[0] : names.find((name) => name === pkg.name));
  if (wanted === undefined || !names.includes(wanted)) throw new ExecutableChoiceError(pkg.name, names, wanted);
  const flags = ['--verbose=0'];
  const targets = [componentTarget(pkg.name, 'exe', wanted)];
  const all = { ...request, packages: [request.package] };
  const build = cabalCommand(all, { command: 'build', flags, targets, artifacts: null });
  const { programArguments } = request;
  const run = cabalCommand(all, { command: 'run', flags, targets, artifacts: null, programArguments });
  return { ...run, prepare: [...build.prepare, build.argv] };
}
