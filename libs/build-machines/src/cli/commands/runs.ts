import { InvalidArgumentError, Option, type Command } from 'commander';
import { RunOutcome, type Run } from '@build-machines/state-hub';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { printAnswer } from '../output/answer.js';
import { ago, shortDuration } from '../../reporting/durations.js';
import { renderTable } from '../output/table.js';
import type { Surroundings } from '../surroundings.js';

interface RunsOptions extends HubCommandOptions {
  readonly machine?: string;
  readonly project?: string;
  readonly user?: string;
  readonly outcome?: RunOutcome;
  readonly limit: number;
}

/** `runs`: what ran, the newest first. */
export function addRuns(program: Command, surroundings: Surroundings): void {
  withHubOptions(program.command('runs').description('List runs, the newest first'))
    .option('--machine <name>', 'only runs on this machine')
    .option('--project <name>', 'only runs of this Nx project')
    .option('--user <name>', "only this user's runs")
    .addOption(new Option('--outcome <outcome>', 'only runs that ended so').choices(RunOutcome.options))
    .option('--limit <number>', 'how many, 500 at most', parseLimit, 20)
    .action(async ({ hub: url, json, ...query }: RunsOptions) => {
      const hub = await connectHub(surroundings, url, 'runs');
      const { runs } = await hub.listRuns(query, surroundings.signal);
      printAnswer(surroundings, json, { data: runs, text: runsTable(runs, surroundings.now()) });
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new InvalidArgumentError('Give 1 to 500.');
  return limit;
}

function runsTable(runs: readonly Run[], now: number): string {
  if (runs.length === 0) return 'No runs.\n';
  const rows = runs.map((run) => [
    // Enough of the id to tell runs apart, as git does with commits; logs takes it.
    run.id.slice(0, 8),
    run.label,
    run.machine,
    run.outcome,
    ago(run.started_at, now),
    shortDuration(
      run.finished_at === null
        ? now - Date.parse(run.started_at)
        : Date.parse(run.finished_at) - Date.parse(run.started_at),
    ),
    run.finish?.cache ?? '',
    run.user,
    run.commit?.slice(0, 8) ?? '',
  ]);
  return renderTable(['run', 'task', 'machine', 'outcome', 'started', 'took', 'cache', 'user', 'commit'], rows);
}
