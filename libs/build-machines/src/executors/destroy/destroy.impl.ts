import { createInterface } from 'node:readline/promises';
import { destroyMachine } from '../../machine-task/destroy-machine.js';
import { ConfirmationNeededError } from '../../machine-task/machine-task-errors.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `destroy`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, note, signal }) => {
    const { name } = machine.definition;
    if (!options.yes && !(await confirmed(name))) throw new ConfirmationNeededError(name);
    await destroyMachine(machine, state, { onProgress: note, signal });
    note(`${name} is gone; machines/${name} and its port stay`);
  });
});

async function confirmed(name: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(`Remove machine ${name} with its mirrors and artifacts? Type its name: `)) === name;
  } finally {
    prompt.close();
  }
}
