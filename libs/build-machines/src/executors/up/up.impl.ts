import { homedir } from 'node:os';
import { bringUp } from '../../machine-task/bring-up.js';
import { identityFile as readableKey } from '../../machine-task/identity-file.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { terminalQuestion } from '../../reporting/terminal-question.js';
import { Options } from './options.js';

/** Executor `up`; see options.ts. */
export default defineExecutor(Options, ({ acceptHostKey, identityFile, restart, ...parsed }, context) => {
  return runMachineTask(parsed, context, async ({ workspaceRoot, machine, state, note, signal }) => {
    const question = terminalQuestion();
    const firstContact = {
      acceptHostKey,
      identityFile: identityFile && (await readableKey(identityFile, workspaceRoot, homedir())),
      ask: question && (async (text: string) => (await question(`${text} Type yes: `)) === 'yes'),
    };
    const changed = await bringUp(machine, state, { onProgress: note, firstContact, restart, signal });
    note(changed ? `${machine.definition.name} is up` : `${machine.definition.name} is up already`);
  });
});
