import { HubFeatureMissingError } from '@build-machines/state-hub';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { machinePool } from '../../placing/machine-pool.js';
import { workspaceHub } from '../../placing/workspace-hub.js';
import { Options } from './options.js';

/** Executor `drain`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { off, ...parsed } = options;
  return runMachineTask(parsed, context, async ({ workspaceRoot, machine, state, note, signal }) => {
    const { name } = machine.definition;
    const pool = await machinePool(workspaceRoot, { machine: name });
    const { url, client } = await workspaceHub(pool, { state, env: process.env, signal });
    if (client === null) throw new HubFeatureMissingError(url, 'leases');
    await client.setMachineMode(name, { mode: off ? 'active' : 'draining' }, signal);
    if (off) {
      note(`${name} takes work again`);
      return;
    }
    const { leases } = await client.queue(signal);
    const running = leases.filter((lease) => lease.machine === name).map(({ label, user }) => `${label} of ${user}`);
    const rest = running.length === 0 ? 'nothing runs on it' : `it finishes ${running.join(', ')}`;
    note(`${name} gets no new work; ${rest}. To end that: nx run ${name}:drain --off`);
  });
});
