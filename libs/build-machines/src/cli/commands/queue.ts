import type { Command } from 'commander';
import type { QueueView } from '@build-machines/state-hub';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { printAnswer } from '../output/answer.js';
import { ago, shortDuration } from '../../reporting/durations.js';
import { renderTable } from '../output/table.js';
import type { Surroundings } from '../surroundings.js';

/** `queue`: who holds which machine, who waits, and why. */
export function addQueue(program: Command, surroundings: Surroundings): void {
  withHubOptions(program.command('queue').description('Show who holds which machine, who waits, and why')).action(
    async ({ hub: url, json }: HubCommandOptions) => {
      const hub = await connectHub(surroundings, url, 'leases');
      const queue = await hub.queue(surroundings.signal);
      printAnswer(surroundings, json, { data: queue, text: queueTables(queue, surroundings) });
    },
  );
}

function queueTables({ leases, waiting }: QueueView, { now: clock, stdout }: Surroundings): string {
  const now = clock();
  const held =
    leases.length === 0
      ? 'No machine is leased.\n'
      : renderTable(
          ['machine', 'slot', 'task', 'user', 'since', 'expires in'],
          leases.map((lease) => [
            lease.machine,
            String(lease.slot),
            lease.label,
            lease.user,
            ago(lease.granted_at, now),
            shortDuration(Date.parse(lease.expires_at) - now),
          ]),
        );
  if (waiting.length === 0) return `${held}\nNobody waits.\n`;
  const queued = renderTable(
    ['position', 'task', 'user', 'waits since', 'expected', 'why'],
    waiting.map((request) => [
      String(request.position),
      request.label,
      request.user,
      ago(request.enqueued_at, now),
      request.expected_wait_seconds === null ? 'unknown' : shortDuration(request.expected_wait_seconds * 1000),
      request.reasons.join('\n'),
    ]),
    stdout,
  );
  return `${held}\n${queued}`;
}
