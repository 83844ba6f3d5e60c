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
 * program's output is all there is.
 * @throws ExecutableChoiceError when it is not clear which, or there is none
 */
export function runCommand(request: ExecutableRequest): CommandPieces {
  const pkg = requiredPackage(request.project, request.package);
  const names = componentsOf(pkg, 'executable').map((component) => component.name);
  const wanted = request.executable ?? (names.length === 1 ? names[0] : names.find((name) => name === pkg.name));
  if (wanted === undefined || !names.includes(wanted)) throw new ExecutableChoiceError(pkg.name, names, wanted);
  return cabalCommand(
    { ...request, packages: [request.package] },
    {
      command: 'run',
      flags: ['--disable-tests', '--disable-benchmarks', '--verbose=0'],
      targets: [componentTarget(pkg.name, 'exe', wanted)],
      artifacts: null,
      programArguments: request.programArguments,
    },
  );
}
