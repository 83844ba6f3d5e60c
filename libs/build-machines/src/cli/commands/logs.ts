import type { Command } from 'commander';
import type { HubClient, Run } from '@build-machines/state-hub';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import type { Surroundings } from '../surroundings.js';
import { NoSuchRunError } from './run-errors.js';

interface LogsOptions extends HubCommandOptions {
  readonly follow?: boolean;
}

/** How far back a run is looked for by the start of its id. */
const RECENT_RUNS = 500;

/** `logs`: what a run printed, and with `-f` what it goes on printing. */
export function addLogs(program: Command, surroundings: Surroundings): void {
  withHubOptions(
    program
      .command('logs')
      .description('Print the log of a run (default: the newest)')
      .argument('[run]', 'id of the run, or the start of it'),
  )
    .option('-f, --follow', 'go on until the run has ended')
    .action(async (id: string | undefined, { hub: url, json, follow }: LogsOptions) => {
      const hub = await connectHub(surroundings, url, 'runs');
      const run = await findRun(hub, id, surroundings.signal);
      const print = printer(surroundings, json ?? false, run);
      if (follow === true) await followInto(hub, run.id, surroundings.signal, print);
      else for await (const text of readText(hub, run.id, surroundings.signal)) print(text);
    });
}

/** Prints pieces of a log: as they are, or as one JSON line each, so that a stream can be read while it grows. */
function printer({ stdout }: Surroundings, json: boolean, { id, label }: Run): (text: string) => void {
  return (text) => stdout.write(json ? `${JSON.stringify({ run: id, label, text })}\n` : text);
}

async function followInto(
  hub: HubClient,
  id: string,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<void> {
  for await (const { text } of hub.followLog(id, signal)) print(text);
}

/** The log so far, in pieces that end between characters. */
async function* readText(hub: HubClient, id: string, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of await hub.runLog(id, signal)) yield decoder.decode(bytes as Buffer, { stream: true });
  yield decoder.decode();
}

/** @throws NoSuchRunError where none, or more than one, is meant. */
async function findRun(hub: HubClient, id: string | undefined, signal: AbortSignal): Promise<Run> {
  const { runs } = await hub.listRuns({ limit: id === undefined ? 1 : RECENT_RUNS }, signal);
  const meant = id === undefined ? runs : runs.filter((run) => run.id.startsWith(id.toLowerCase()));
  const [run, ...others] = meant;
  if (run === undefined || others.length > 0)
    throw new NoSuchRunError(
      id,
      meant.map((found) => found.id),
    );
  return run;
}
