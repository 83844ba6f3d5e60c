import { installSshConfig, removeSshConfig, resolveMachineAccess } from '@build-machines/machines';
import { homedir } from 'node:os';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `install-ssh-config`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { remove, ...parsed } = options;
  return runMachineTask(parsed, context, async ({ machine, state, note }) => {
    const { name } = machine.definition;
    const changed = remove
      ? await removeSshConfig(state, homedir(), name)
      : await installSshConfig(state, homedir(), await resolveMachineAccess(state, name));
    if (!changed) note(`the ssh configuration of ${name} is as it shall be`);
    else note(remove ? `ssh does not know ${name} any more` : `ssh ${name} works now`);
  });
});
