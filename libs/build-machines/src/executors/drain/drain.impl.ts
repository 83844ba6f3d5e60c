import { hubAdminToken } from '@build-machines/remote';
import { HubClient } from '@build-machines/state-hub';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `drain`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { off, ...parsed } = options;
  return runMachineTask(parsed, context, async ({ machine, state, note, signal }) => {
    const { definition, services } = machine;
    const url = `http://127.0.0.1:${services.hub}`;
    const hub = new HubClient({ url, token: await hubAdminToken(state) });
    await hub.setMachineMode(definition.name, { mode: off ? 'active' : 'draining' }, signal);
    note(off ? `${definition.name} takes work again` : `${definition.name} gets no new work; what runs is finished`);
  });
});
