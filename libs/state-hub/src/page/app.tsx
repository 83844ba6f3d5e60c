import { useState } from 'preact/hooks';
import { rememberToken } from './data/page-token.js';
import { useLive } from './data/use-live.js';
import { useNow } from './data/use-now.js';
import { useSelection } from './data/use-selection.js';
import { Header } from './views/header.js';
import { History } from './views/history.js';
import { LogView } from './views/log-view.js';
import { Machines } from './views/machines.js';
import { Queue } from './views/queue.js';
import { TokenForm } from './views/token-form.js';

/** The whole page: machines, queue, history, and the log of the chosen run. */
export function App() {
  const [attempt, setAttempt] = useState(0);
  const live = useLive(attempt);
  const now = useNow();
  const [selected, select] = useSelection();
  if (live.connection === 'token-wanted') {
    return (
      <TokenForm
        onToken={(token) => {
          rememberToken(token);
          setAttempt(attempt + 1);
        }}
      />
    );
  }
  const running = live.runs?.find(({ outcome }) => outcome === 'running');
  const shown = selected ?? running?.id ?? live.runs?.[0]?.id ?? null;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the machines
      </a>
      <Header live={live} />
      <main id="main" tabIndex={-1}>
        <Machines machines={live.machines} runs={live.runs} now={now} />
        <Queue queue={live.queue} now={now} />
        <LogView id={shown} run={live.runs?.find(({ id }) => id === shown)} now={now} />
        <History runs={live.runs} cache={live.cache} selected={shown} onSelect={select} now={now} />
      </main>
    </>
  );
}
