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
    const showing = chosen.map(
      (log) => () => log.show({ lines, follow, signal, print: linePrinter(log.unit, process.stdout) }),
    );
    if (follow) await Promise.all(showing.map((show) => show()));
    else for (const show of showing) await show();
  });
});
