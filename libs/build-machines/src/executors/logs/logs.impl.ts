import { LogUnavailableError } from '../../machine-task/machine-task-errors.js';
import { machineLogs } from '../../machine-task/machine-logs.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { followFile, lastLines } from '../../reporting/log-tail.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `logs`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { unit, lines, follow, ...parsed } = options;
  return runMachineTask(parsed, context, async ({ machine, state, signal }) => {
    const all = machineLogs(machine, state);
    const chosen = unit === 'all' ? all : all.filter((log) => log.unit === unit);
    if (chosen.length === 0)
      throw new LogUnavailableError(
        machine.definition.name,
        unit,
        all.map((log) => log.unit),
      );
    const print = (name: string, text: string): void => {
      for (const line of text.split('\n')) if (line !== '') process.stdout.write(`${name.padEnd(10)} ${line}\n`);
    };
    const tails = await Promise.all(chosen.map(({ file }) => lastLines(file, lines)));
    for (const [index, log] of chosen.entries()) print(log.unit, tails[index]?.text ?? '');
    if (!follow) return;
    await Promise.all(
      chosen.map((log, index) =>
        followFile(log.file, tails[index]?.end ?? 0, signal, (text) => {
          print(log.unit, text);
        }),
      ),
    );
  });
});
