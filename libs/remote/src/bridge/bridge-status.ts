import { resolveMachineAccess, type StateFolder } from '@build-machines/machines';
import { readAnswer } from '../connection/agent-answer.js';
import { connectDirect, type DirectTransport } from '../connection/direct-transport.js';
import { bridgeFiles } from './bridge-files.js';
import { BridgeReport, type MachineReport } from './bridge-protocol.js';
import { bridgeRequest } from './bridge-request.js';
import { knownMachines } from './known-machines.js';
import { reportMachine } from './machine-report.js';

/** How long a report may take, in milliseconds: a machine that is cut off takes its time. */
const REPORT_WITHIN = 30_000;

/** The bridge's report; without a bridge, the machines as far as they can be seen from here. */
export type BridgeStatus =
  | { readonly running: true; readonly report: BridgeReport }
  | { readonly running: false; readonly machines: readonly MachineReport[] };

/** Asks the bridge how it and the machines are. Never starts one. */
export async function bridgeStatus(state: StateFolder, signal?: AbortSignal): Promise<BridgeStatus> {
  const within = AbortSignal.any([AbortSignal.timeout(REPORT_WITHIN), ...(signal === undefined ? [] : [signal])]);
  const request = { method: 'GET', path: '/status', signal: within } as const;
  try {
    const response = await bridgeRequest(bridgeFiles(state).socket, request);
    return { running: true, report: await readAnswer('bridge', response, BridgeReport) };
  } catch {
    signal?.throwIfAborted();
    // No bridge, or one that does not answer: what counts for the user is how the machines are.
    return { running: false, machines: await reportDirectly(state) };
  }
}

async function reportDirectly(state: StateFolder): Promise<MachineReport[]> {
  const names = await knownMachines(state);
  return Promise.all(
    names.map(async (name) => {
      let transport: DirectTransport | undefined;
      const resolve = (machine: string) => resolveMachineAccess(state, machine);
      const report = await reportMachine(name, resolve, async (access) => (transport = await connectDirect(access)));
      transport?.close();
      return report;
    }),
  );
}
