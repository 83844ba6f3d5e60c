import { cabalCommand, type CommandPieces, type CommandRequest, packageTarget } from './cabal-command.js';

/** Builds the API documentation of the libraries, with links into the sources. */
export function haddockCommand(request: CommandRequest): CommandPieces {
  return cabalCommand(request, {
    command: 'haddock',
    flags: ['--keep-going', '--haddock-hyperlink-source'],
    targets: request.packages.map(packageTarget),
    artifacts: ['documentation'],
  });
}
