import type { RunResult } from '@build-machines/protocol';
import prettyBytes from 'pretty-bytes';
import { count, seconds } from './run-console.js';

/** What a run cost, apart by phase, on one line. */
export function runSummary(
  machine: string,
  result: RunResult,
  sync: { readonly filesSent: number; readonly bytesSent: number },
): string {
  const { durations, usage, toolchain } = result;
  const parts = [
    machine,
    toolchain.ghc === undefined ? undefined : `GHC ${toolchain.ghc.version}`,
    `sent ${count(sync.filesSent, 'file')} (${prettyBytes(sync.bytesSent)})`,
    `sync ${seconds(durations.sync)}`,
    `queue ${seconds(durations.queue)}`,
    `run ${seconds(durations.run)}`,
    usage === null ? undefined : `CPU ${usage.cpuSeconds.toFixed(1)} s, ${prettyBytes(usage.maxRssBytes)} at most`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Why a run did not succeed, for people; undefined when it did. */
export function endOf(result: RunResult): string | undefined {
  const end = howItEnded(result);
  return end === undefined || !result.logTruncated
    ? end
    : `${end}\nThe machine kept only a part of the output: errors may be missing above.`;
}

/**
 * What of a run's output counts. Where the agent gives a reason, as of a machine that changed under the command, nothing
 * does, whatever the command printed: no task of the group may be a success by it.
 */
export function judgedEnd({
  outcome,
  reason,
}: Pick<RunResult, 'outcome' | 'reason'>): 'succeeded' | 'failed' | 'cutOff' {
  if (outcome === 'succeeded') return outcome;
  return outcome === 'failed' && reason === null ? outcome : 'cutOff';
}

function howItEnded({ outcome, exitCode, signal, reason }: RunResult): string | undefined {
  switch (outcome) {
    case 'succeeded':
      return undefined;
    case 'failed':
      // The agent gives a reason where the command is not what failed.
      if (reason !== null) return `The machine could not do it: ${reason}.`;
      return exitCode === null
        ? `The command was ended by ${signal ?? 'a signal'}.`
        : `The command ended with status ${exitCode}.`;
    case 'cancelled':
      return `Cancelled: ${reason ?? 'on request'}.`;
    case 'lost':
      return `The machine was lost under the run: ${reason ?? 'no reason known'}.`;
  }
}
