import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { bootId, readProcess } from '../processes/process-table.js';
import { isErrno } from './errno.js';

/** A second agent was started on one state folder; two would undo each other's work. */
export class StateFolderHeldError extends BuildMachinesError {
  readonly code = 'agent-already-running';
  constructor(stateDir: string, pid: number) {
    super(`The agent with process id ${pid} already works in ${stateDir}.`, {
      hint: `Stop it first (systemctl stop build-agent), or give this one a stateDir of its own.`,
    });
  }
}

/**
 * Holds a state folder for this process, by `<stateDir>/agent.lock`: process id, its start time and the boot. A lock of a
 * process that is gone (also when its id was given to another) is taken over.
 * @returns gives the folder back.
 * @throws StateFolderHeldError
 */
export async function holdStateFolder(stateDir: string): Promise<() => Promise<void>> {
  const file = join(stateDir, 'agent.lock');
  const own = ownMark();
  for (let tries = 0; tries < 3; tries++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(own);
      await handle.close();
      return () => removeFile(file);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    const holder = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    const pid = Number(holder[0]);
    if (pid > 0 && holder[2] === bootId() && readProcess(pid)?.startTicks === holder[1])
      throw new StateFolderHeldError(stateDir, pid);
    await removeFile(file);
  }
  throw new StateFolderHeldError(stateDir, 0);
}

function ownMark(): string {
  return `${process.pid} ${readProcess(process.pid)?.startTicks ?? ''} ${bootId()}`;
}
