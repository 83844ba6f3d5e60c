import { installSshConfig, removeSshConfig, resolveMachineAccess } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { homedir } from 'node:os';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { Options } from './options.js';

/** Executor `install-ssh-config`; see options.ts. */
export default function installSsh(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { remove, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, async ({ machine, state, note }) => {
    const { name } = machine.definition;
    const changed = remove
      ? await removeSshConfig(state, homedir(), name)
      : await installSshConfig(state, homedir(), await resolveMachineAccess(state, name));
    if (!changed) note(`the ssh configuration of ${name} is as it shall be`);
    else note(remove ? `ssh does not know ${name} any more` : `ssh ${name} works now`);
  });
}
