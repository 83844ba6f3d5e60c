import { destroyMachine } from '../../machine-task/destroy-machine.js';
import { ConfirmationNeededError } from '../../machine-task/machine-task-errors.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { terminalQuestion } from '../../reporting/terminal-question.js';
import { Options } from './options.js';

/** Executor `destroy`; see options.ts. */
export default defineExecutor(Options, ({ yes, forgetOnly, force, ...parsed }, context) => {
  return runMachineTask(parsed, context, async ({ machine, state, note, signal }) => {
    const { name } = machine.definition;
    const question = `Remove machine ${name} with its mirrors and artifacts? Type its name: `;
    if (!yes && (await terminalQuestion()?.(question)) !== name) throw new ConfirmationNeededError(name);
    await destroyMachine(machine, state, { onProgress: note, forgetOnly, force, signal });
    note(`${name} is gone; machines/${name} and its port stay`);
  });
});
