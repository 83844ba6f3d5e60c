import { type LoadedMachine, type StateFolder } from '@build-machines/machines';
import type { ToolInstallRequest } from '@build-machines/protocol';
import { agentConnector, installTools } from '@build-machines/remote';
import { askAgent } from './ask-agent.js';
import { updateLock } from './update-lock.js';

/**
 * Installs a compiler or system packages on a machine, showing the installer's own output, and brings machine.lock in
 * line with what the machine has then.
 * @returns whether the installation succeeded.
 */
export async function installOnMachine(
  machine: LoadedMachine,
  state: StateFolder,
  request: ToolInstallRequest,
  { note, signal }: { note: (text: string) => void; signal: AbortSignal },
): Promise<boolean> {
  const { name } = machine.definition;
  const result = await installTools({
    connect: agentConnector(state, name),
    machine: name,
    request,
    onOutput: (stream, text) => process[stream].write(text),
    signal,
  });
  if (result.outcome !== 'succeeded') return false;
  if (await updateLock(machine, await askAgent(state, name, signal))) note(`updated machines/${name}/machine.lock`);
  return true;
}
