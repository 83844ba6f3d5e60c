import { type LoadedMachine, qemuLayout, sandboxLayout, type StateFolder } from '@build-machines/machines';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A log of a machine that lies on this computer. */
export interface MachineLog {
  readonly unit: string;
  readonly file: string;
}

/** The logs of a machine that exist, in the order in which its parts start. */
export function machineLogs({ definition }: Pick<LoadedMachine, 'definition'>, state: StateFolder): MachineLog[] {
  return candidates(definition.name, definition.provider, state).filter(({ file }) => existsSync(file));
}

function candidates(name: string, provider: string, state: StateFolder): MachineLog[] {
  if (provider === 'qemu') return [{ unit: 'console', file: qemuLayout(state, name).serialLog }];
  if (provider !== 'sandbox') return [];
  const folder = sandboxLayout(state, name).supervisor;
  return ['supervisor', 'sshd', 'agent', 'tunnel'].map((unit) => ({ unit, file: join(folder, `${unit}.log`) }));
}
