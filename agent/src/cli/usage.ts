import { BuildMachinesError } from '@build-machines/protocol';

export const usage = `Usage: build-agent <command>

  serve --config <file>          run the agent until SIGTERM
  session <id> --socket <path>   run a session that was prepared over the API; started by the client through SSH
  toolchains [--config <file>]   print the compilers and tools that the agent finds, as JSON
  --version, --help
`;

/** The command line is not understood. */
export class UsageError extends BuildMachinesError {
  readonly code = 'usage';
  constructor(what: string) {
    super(`build-agent: ${what}`, { hint: usage });
  }
}
