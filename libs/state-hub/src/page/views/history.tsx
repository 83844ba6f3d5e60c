import { ago, bytes, duration, elapsed } from '../data/format.js';
import type { CacheStatistics, Run } from '../data/hub-data.js';
import { Card, Empty, Placeholder } from '../parts/card.js';
import { CacheChart } from '../parts/cache-chart.js';
import { DurationChart } from '../parts/duration-chart.js';
import { Outcome } from '../parts/outcome.js';

interface Props {
  runs: readonly Run[] | null;
  cache: CacheStatistics | null;
  selected: string | null;
  onSelect: (id: string) => void;
  now: number;
}

/** What ran lately: how long it took, how often a cache spared it, and each run to choose. */
export function History({ runs, cache, selected, onSelect, now }: Props) {
  return (
    <Card title="History" id="history">
      {runs === null && <Placeholder />}
      {runs?.length === 0 && <Empty>Nothing has run yet.</Empty>}
      {runs !== null && runs.length > 0 && (
        <>
          <div class="charts">
            <DurationChart runs={runs} selected={selected} onSelect={onSelect} />
            <CacheChart cache={cache} />
          </div>
          <div class="table" tabIndex={0} role="region" aria-label="Runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">Outcome</th>
                  <th scope="col">Task</th>
                  <th scope="col" class="spare">
                    Machine
                  </th>
                  <th scope="col" class="spare">
                    User
                  </th>
                  <th scope="col" class="spare">
                    Commit
                  </th>
                  <th scope="col" class="number spare">
                    Sent
                  </th>
                  <th scope="col" class="number">
                    Took
                  </th>
                  <th scope="col" class="number">
                    Started
                  </th>
                </tr>
              </thead>
              <tbody>
                {runs.map((run) => (
                  <Row key={run.id} run={run} selected={run.id === selected} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Card>
  );
}

function Row({ run, selected, now }: { run: Run; selected: boolean; now: number }) {
  return (
    <tr class={selected ? 'selected' : ''}>
      <td>
        <Outcome outcome={run.outcome} reused={run.outcome === 'succeeded' && run.finish?.cache === 'reused'} />
      </td>
      <td>
        <a href={`#run/${run.id}`} aria-current={selected ? 'true' : undefined}>
          {run.label}
        </a>
      </td>
      <td class="spare">{run.machine}</td>
      <td class="spare">{run.user}</td>
      <td class="spare">
        <code>{run.commit?.slice(0, 8) ?? '–'}</code>
      </td>
      <td class="number spare">{run.finish === null ? '–' : bytes(run.finish.bytes_sent ?? 0)}</td>
      <td class="number">{duration(elapsed(run, now))}</td>
      <td class="number">{ago(run.started_at, now)}</td>
    </tr>
  );
}
