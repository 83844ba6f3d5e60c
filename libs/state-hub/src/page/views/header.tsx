import type { Live } from '../data/use-live.js';

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again', 'token-wanted': '' };

export function Header({ live }: { live: Live }) {
  const machines = live.machines ?? [];
  const ready = machines.filter(({ state, mode }) => state === 'ready' && mode === 'active');
  const slots = ready.reduce((sum, machine) => sum + machine.slots, 0);
  const busy = ready.reduce((sum, machine) => sum + Math.max(machine.slots_busy ?? 0, machine.slots_leased), 0);
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 5h16v5H4zM4 14h16v5H4z" />
          <path class="dots" d="M8 7.5h.01M8 16.5h.01" />
        </svg>
        State Hub
      </h1>
      <p class="facts">
        <span>
          <b>{ready.length}</b> of {machines.length} machines ready
        </span>
        <span>
          <b>{busy}</b> of {slots} slots busy
        </span>
        <span>
          <b>{live.queue?.waiting.length ?? 0}</b> waiting
        </span>
      </p>
      <p class={`connection ${live.connection}`} role="status">
        {WORDS[live.connection]}
      </p>
    </header>
  );
}
