import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isListening, type StateFolder } from '@build-machines/machines';

/**
 * What shows that a machine is up, in words; undefined when nothing does. Looks at what the workstation has of it: the
 * record that `up` writes and `destroy` removes, and the tunnel's end.
 * @param port the machine's port in the registry; undefined where it has none.
 */
export async function signOfLife(
  state: StateFolder,
  name: string,
  port: number | undefined,
): Promise<string | undefined> {
  if (port !== undefined && (await isListening(port))) return `its tunnel listens on port ${port}`;
  if (existsSync(join(state.machine(name), 'host.json'))) return 'its agent is still installed on its host';
  if (existsSync(join(state.machine(name), 'access.json'))) return 'this workstation holds its access record';
  if (existsSync(state.sandbox(name))) return `its files are in ${state.sandbox(name)}`;
  return undefined;
}
