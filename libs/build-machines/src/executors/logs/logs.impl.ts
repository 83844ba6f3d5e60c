import { hostLog, hostLogNames, type StateFolder } from '@build-machines/machines';
import { hostOf } from '../../machine-task/host-task.js';
import { LogUnavailableError } from '../../machine-task/machine-task-errors.js';
import { machineLogs } from '../../machine-task/machine-logs.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { linePrinter } from '../../reporting/line-printer.js';
import { followFile, lastLines } from '../../reporting/log-tail.js';
import { Options } from './options.js';

/** Which part of a log is shown. */
interface Shown {
  readonly unit: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Executor `logs`; see options.ts. */
export default defineExecutor(Options, ({ unit, lines, follow, ...parsed }, context) => {
  return runMachineTask(parsed, context, async ({ machine, state, signal }) => {
    const shown = { unit, lines, follow, signal };
    if (machine.definition.provider === 'ssh') await showHostLogs(machine.definition.name, state, shown);
    else await showLocalLogs(machine, state, shown);
  });
});

async function showLocalLogs(
  machine: Parameters<typeof machineLogs>[0],
  state: StateFolder,
  { unit, lines, follow, signal }: Shown,
): Promise<void> {
  const all = machineLogs(machine, state);
  const chosen = all.filter((log) => unit === 'all' || log.unit === unit);
  if (chosen.length === 0)
    throw new LogUnavailableError(
      machine.definition.name,
      unit,
      all.map((log) => log.unit),
    );
  const tails = await Promise.all(chosen.map(({ file }) => lastLines(file, lines)));
  for (const [index, log] of chosen.entries()) linePrinter(log.unit, process.stdout)(`${tails[index]?.text ?? ''}\n`);
  if (!follow) return;
  await Promise.all(
    chosen.map((log, index) =>
      followFile(log.file, tails[index]?.end ?? 0, signal, linePrinter(log.unit, process.stdout)),
    ),
  );
}

/** The logs of an adopted host are there; they come over SSH. */
async function showHostLogs(name: string, state: StateFolder, { unit, ...shown }: Shown): Promise<void> {
  const host = await hostOf(state, name);
  const all = hostLogNames(host.services);
  const chosen = all.filter((log) => unit === 'all' || log === unit);
  if (chosen.length === 0) throw new LogUnavailableError(name, unit, all);
  const show = (log: string): Promise<void> =>
    hostLog(host, log, { ...shown, print: linePrinter(log, process.stdout) });
  if (shown.follow) await Promise.all(chosen.map(show));
  else for (const log of chosen) await show(log);
}
