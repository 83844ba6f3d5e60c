import type { Command } from 'commander';
import prettyBytes from 'pretty-bytes';
import { inspectMachines, type LoadedMachine } from '@build-machines/machines';
import { type CatalogMachine, HubUnreachableError, type MachineEntry } from '@build-machines/state-hub';
import { connectCatalog } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { printAnswer } from '../output/answer.js';
import { ago } from '../../reporting/durations.js';
import { renderTable } from '../output/table.js';
import type { Surroundings } from '../surroundings.js';
import { findWorkspaceRoot } from '../workspace-root.js';

/** What a hub says of a machine: ours, or one of another kind. */
export type HubEntry = MachineEntry | CatalogMachine;

/** A machine as the workspace defines it, as the hub knows it, or both. */
export interface KnownMachine {
  readonly name: string;
  readonly provider: string | null;
  readonly port: number | null;
  /** Null: the hub does not know it, or does not answer. */
  readonly hub: HubEntry | null;
}

/** `machines`: what the workspace defines and what the hub knows of it. */
export function addMachines(program: Command, surroundings: Surroundings): void {
  withHubOptions(program.command('machines').description('List machines with state, toolchains, load and disk')).action(
    async ({ hub: url, json }: HubCommandOptions) => {
      const { stderr, cwd } = surroundings;
      const root = findWorkspaceRoot(cwd);
      const defined = root === undefined ? { machines: [], problems: [] } : await inspectMachines(root);
      for (const { message } of defined.problems) stderr.write(`! ${message}\n`);
      const entries = await listEntries(surroundings, url).catch((error: unknown) => {
        // Definitions can be shown without a hub. A hub that was named shall answer.
        if (!(error instanceof HubUnreachableError) || url !== undefined) throw error;
        stderr.write(`! ${error.message}: states are not known\n`);
        return [];
      });
      const machines = joinMachines(defined.machines, entries);
      printAnswer(surroundings, json, {
        data: machines,
        text: machinesTable(machines, surroundings, root !== undefined),
      });
    },
  );
}

/** The hub's entries; of an existing hub of another kind, what can be read of its own. */
async function listEntries(surroundings: Surroundings, url: string | undefined): Promise<HubEntry[]> {
  const { signal, stderr } = surroundings;
  const hub = await connectCatalog(surroundings, url);
  if ('client' in hub) return hub.client.listMachines({}, signal);
  stderr.write(
    `! the hub at ${hub.other.url} is not one of build-machines; it has no ${hub.other.missing.join(', ')}\n`,
  );
  return hub.other.catalog.list(signal);
}

/** All machines by name, each with what either side knows. */
export function joinMachines(defined: readonly LoadedMachine[], entries: readonly HubEntry[]): KnownMachine[] {
  const names = new Set([...defined.map(({ definition }) => definition.name), ...entries.map(({ name }) => name)]);
  return [...names].sort().map((name) => {
    const own = defined.find(({ definition }) => definition.name === name);
    const entry = entries.find((candidate) => candidate.name === name);
    return {
      name,
      provider: own?.definition.provider ?? null,
      port: own?.port ?? (entry === undefined ? null : 'mode' in entry ? entry.tunnel_port : entry.tunnelPort),
      hub: entry ?? null,
    };
  });
}

function machinesTable(machines: readonly KnownMachine[], { now, stdout }: Surroundings, inWorkspace: boolean): string {
  if (machines.length === 0)
    return inWorkspace
      ? 'No machines. Make one with: nx g build-machines:vm <name>\n'
      : 'No machines: there is no nx.json here or above. Ask in an Nx workspace, or name a hub with --hub.\n';
  const rows = machines.map(({ name, provider, port, hub }) => [
    name,
    provider ?? '',
    port === null ? '' : String(port),
    ...(hub === null
      ? ['not registered', '', '', '', '']
      : 'mode' in hub
        ? [
            hub.mode === 'active' ? hub.state : `${hub.state}, ${hub.mode}`,
            `${hub.slots_busy ?? 0}/${hub.slots}`,
            hub.load?.toFixed(2) ?? '',
            hub.disk_free_bytes === null ? '' : prettyBytes(hub.disk_free_bytes),
            ago(hub.last_heartbeat_at, now()),
          ]
        : [hub.state, `?/${hub.slots}`, '', '', '']),
    hub?.toolchains.map(({ tool, version }) => `${tool} ${version}`).join(', ') ?? '',
  ]);
  return renderTable(
    ['name', 'provider', 'port', 'state', 'busy', 'load', 'disk free', 'heartbeat', 'toolchains'],
    rows,
    stdout,
  );
}
