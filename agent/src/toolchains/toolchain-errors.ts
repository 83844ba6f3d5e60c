import type { InstalledTool, ToolName } from '@build-machines/protocol';
import { AgentError } from '../server/agent-error.js';

/** A run asks for an exact version that the machine does not have. Another version is never taken instead. */
export class ToolchainMissingError extends AgentError {
  readonly code = 'toolchain-missing';
  readonly status = 422;
  constructor(machine: string, tool: ToolName, version: string, installed: readonly InstalledTool[]) {
    const there = installed.filter((found) => found.tool === tool);
    const list = there.map((found) => `${found.version} (${found.path})`).join(', ');
    super(
      `${machine} does not have ${tool} ${version}. ` +
        (list === '' ? `It has no ${tool} at all.` : `It has ${tool} ${list}.`),
      {
        hint:
          tool === 'ghc'
            ? `nx run ${machine}:ghc-install ${version}`
            : `Install ${tool} ${version} on the machine, or ask for one of the versions it has.`,
        details: { tool, asked: version, installed: there },
      },
    );
  }
}
