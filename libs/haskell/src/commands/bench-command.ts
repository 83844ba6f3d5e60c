import { cabalCommand, type CommandPieces, type CommandRequest, packageTarget } from './cabal-command.js';

/** Builds and runs benchmarks, one package after the other, so that they do not disturb each other's figures. */
export function benchCommand(request: CommandRequest): CommandPieces {
  return cabalCommand(request, {
    command: 'bench',
    flags: ['--keep-going', '--jobs=1'],
    targets: request.packages.map(packageTarget),
    artifacts: ['benchmark'],
    enabled: 'benchmarks',
  });
}
