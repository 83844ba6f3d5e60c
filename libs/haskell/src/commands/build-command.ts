import { cabalCommand, type CommandPieces, type CommandRequest, packageTarget } from './cabal-command.js';

/**
 * Builds libraries, foreign libraries and executables. Tests and benchmarks are switched off, whatever the project file
 * says: the cache entry of a build must not depend on their sources.
 */
export function buildCommand(request: CommandRequest): CommandPieces {
  return cabalCommand(request, {
    command: 'build',
    flags: ['--keep-going', '--disable-tests', '--disable-benchmarks'],
    targets: request.packages.map(packageTarget),
    artifacts: ['executable', 'foreign-library', 'library'],
  });
}
