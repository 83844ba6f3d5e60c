import {
  ensureGhcup,
  installPackages,
  type LoadedMachine,
  loginTo,
  readPins,
  type RemoteShell,
  resolveMachineAccess,
  type StateFolder,
} from '@build-machines/machines';
import type { ToolInstallRequest } from '@build-machines/protocol';
import { agentConnector, installTools } from '@build-machines/remote';
import { askAgent } from './ask-agent.js';
import { distributed } from './distribution.js';
import { leaveBusyAlone } from './leave-busy-alone.js';
import { SandboxPackagesError } from './machine-task-errors.js';
import { shellTo } from './shell-to.js';
import { updateLock } from './update-lock.js';

/**
 * Installs a compiler or system packages on a machine, showing the installer's own output, and brings machine.lock in
 * line with what the machine has then. Packages are installed over SSH, because the agent can never become root;
 * compilers belong to the account and are the agent's work, after GHCup is there. A compiler is put beside the others,
 * which disturbs nothing; packages wait until the machine is idle.
 * @param force installs packages although the machine works for somebody.
 * @returns whether the installation succeeded.
 * @throws MachineBusyError, SandboxPackagesError, PackagesNotInstalledError, GhcupNotInstalledError, MachineNotUpError; the classes of the
 * connection.
 */
export async function installOnMachine(
  machine: LoadedMachine,
  state: StateFolder,
  request: ToolInstallRequest,
  { note, force, signal }: { note: (text: string) => void; force: boolean; signal: AbortSignal },
): Promise<boolean> {
  const { name, provider } = machine.definition;
  const onOutput = (stream: 'stdout' | 'stderr', text: string): void => void process[stream].write(text);
  if (request.kind === 'apt') {
    if (provider === 'sandbox') throw new SandboxPackagesError(name, request.packages);
    // Under a build, packages would change what its compiler and solver see.
    await leaveBusyAlone(machine, state, { forced: force, signal }, async () =>
      installPackages(await shellOn(state, name), name, request.packages, { onOutput, signal }),
    );
  } else {
    if (provider !== 'sandbox') {
      const { ghcup } = await readPins(distributed('packer/pins.json'));
      const installed = await ensureGhcup(await shellOn(state, name), name, ghcup, signal);
      if (installed) note(`installed GHCup ${ghcup.version} on ${name}`);
    }
    const connect = agentConnector(state, name);
    const result = await installTools({ connect, machine: name, request, onOutput, signal });
    if (result.outcome !== 'succeeded') return false;
  }
  const locked = await updateLock(machine, state, await askAgent(state, name, signal));
  if (locked !== undefined) note(`updated ${locked}`);
  return true;
}

async function shellOn(state: StateFolder, name: string): Promise<RemoteShell> {
  return shellTo(loginTo(await resolveMachineAccess(state, name)));
}
