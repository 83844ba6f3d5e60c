import { runRemotely } from '../runs/run-remotely.js';
import { runMachineProgram } from './machine-program.js';
import { script } from './script.js';

/**
 * A program for tests of processes beside each other: runs a shell command on the machine and prints each progress report
 * as a line of JSON. Arguments: access record, workspace, label, command.
 */
runMachineProgram(async (program, [label = '', command = '']) => {
  const { result } = await runRemotely({
    ...program,
    command: script(command, { label }),
    onProgress: (progress) => {
      process.stdout.write(`${JSON.stringify(progress)}\n`);
    },
  });
  return result;
});
