import type { MachineEntry, Run } from '../data/hub-data.js';
import { Card, Empty, Placeholder } from '../parts/card.js';
import { Meter } from '../parts/meter.js';
import { ago, bytes } from '../data/format.js';

interface Props {
  machines: readonly MachineEntry[] | null;
  runs: readonly Run[] | null;
  now: number;
}

/** Every machine with its state, tunnel, tools, load and disk. */
export function Machines({ machines, runs, now }: Props) {
  return (
    <Card title="Machines" id="machines">
      {machines === null && <Placeholder />}
      {machines?.length === 0 && (
        <Empty>
          No machine has registered. Bring one up with <code>nx run sandbox:up</code>.
        </Empty>
      )}
      <ul class="machines">
        {machines?.toSorted(readyFirst).map((machine) => (
          <Machine key={machine.id} machine={machine} runs={runs ?? []} now={now} />
        ))}
      </ul>
    </Card>
  );
}

const STATES = ['ready', 'stale', 'gone'];

function readyFirst(a: MachineEntry, b: MachineEntry): number {
  const byState = STATES.indexOf(a.state) - STATES.indexOf(b.state);
  const byMode = Number(a.mode !== 'active') - Number(b.mode !== 'active');
  return byState || byMode || (a.name < b.name ? -1 : 1);
}

function Machine({ machine, runs, now }: { machine: MachineEntry; runs: readonly Run[]; now: number }) {
  const state = machine.state === 'ready' ? machine.mode : machine.state;
  const current = runs.filter((run) => run.outcome === 'running' && run.machine === machine.name);
  const busy = Math.max(machine.slots_busy ?? 0, machine.slots_leased);
  const skew = Math.abs(machine.clock_skew_ms ?? 0);
  return (
    <li class={`machine ${state}`}>
      <div class="machine-head">
        <h3>{machine.name}</h3>
        <span class={`badge ${state}`}>{state === 'active' ? 'ready' : state}</span>
      </div>
      <p class="quiet">
        port {machine.tunnel_port} · {machine.os} {machine.arch} · heard {ago(machine.last_heartbeat_at, now)}
      </p>
      {machine.mode_note !== null && <p class="note">{machine.mode_note}</p>}
      {skew > 60_000 && <p class="note">clock is {Math.round(skew / 1000)} s off</p>}
      <ul class="tools" aria-label={`Tools on ${machine.name}`}>
        {machine.toolchains.map(({ tool, version }) => (
          <li key={`${tool} ${version}`}>
            {tool} <b>{version}</b>
          </li>
        ))}
      </ul>
      <div class="meters">
        <Meter kind="use" label="Slots" value={busy / machine.slots} text={`${busy} of ${machine.slots}`} />
        <Meter
          kind="strain"
          label="Load"
          value={(machine.load ?? 0) / machine.cpus}
          text={machine.load === null ? '–' : `${machine.load.toFixed(1)} on ${machine.cpus} CPUs`}
        />
      </div>
      <p class="quiet">
        {machine.disk_free_bytes === null ? 'disk unknown' : `${bytes(machine.disk_free_bytes)} disk free`} ·{' '}
        {bytes(machine.memory_bytes)} memory
      </p>
      {current.map((run) => (
        <p class="current" key={run.id}>
          <a href={`#run/${run.id}`}>{run.label}</a> <span class="quiet">{run.user}</span>
        </p>
      ))}
    </li>
  );
}
