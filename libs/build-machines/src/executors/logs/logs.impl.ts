import type { LogView, MachineLog } from '../../machine-task/logs/machine-log.js';
import { machineLogs } from '../../machine-task/logs/machine-logs.js';
import { LogUnavailableError } from '../../machine-task/machine-task-errors.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { linePrinter } from '../../reporting/line-printer.js';
import { Options } from './options.js';

/** Executor `logs`; see options.ts. */
export default defineExecutor(Options, ({ unit, lines, follow, ...parsed }, context) => {
  return runMachineTask(parsed, context, async ({ machine, state, signal }) => {
    const { name } = machine.definition;
    const all = await machineLogs(machine, state);
    const chosen = all.filter((log) => unit === 'all' || log.unit === unit);
    if (chosen.length === 0)
      throw new LogUnavailableError(
        name,
        unit,
        all.map((log) => log.unit),
      );
    const show = (log: MachineLog) => showLog(log, { lines, follow, signal });
    if (follow) await Promise.all(chosen.map(show));
    else for (const log of chosen) await show(log);
  });
});

/** Shows a log with its name before each line; says so where there is nothing in it. */
async function showLog(log: MachineLog, view: Omit<LogView, 'print'>): Promise<void> {
  const printer = linePrinter(log.unit, process.stdout);
  let isEmpty = true;
  const print = (text: string): void => {
    if (text.trim() !== '') isEmpty = false;
    printer(text);
  };
  await log.show({ ...view, print });
  if (isEmpty && !view.follow) printer('(nothing was written)\n');
}
