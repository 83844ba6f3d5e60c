import type { Command } from 'commander';

/** Options of every command that asks a State Hub. */
export interface HubCommandOptions {
  readonly hub?: string;
  readonly json?: boolean;
}

/** Declares them. */
export function withHubOptions(command: Command): Command {
  return command
    .option('--hub <url>', 'State Hub to ask (default: BUILD_MACHINES_HUB_URL, else the one of this workspace)')
    .option('--json', 'print one JSON document');
}
