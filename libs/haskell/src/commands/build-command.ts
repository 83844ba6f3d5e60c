import { cabalCommand, type CommandPieces, type CommandRequest, packageTarget } from './cabal-command.js';

/** Builds libraries, foreign libraries and executables. */
export function buildCommand(request: CommandRequest): CommandPieces {
  return cabalCommand(request, {
    command: 'build',
    flags: ['--keep-going'],
    targets: request.packages.map(packageTarget),
    artifacts: ['executable', 'foreign-library', 'library'],
  });
}
