import { useEffect, useRef, useState } from 'preact/hooks';
import { duration, elapsed } from '../data/format.js';
import type { Run } from '../data/hub-data.js';
import { saveLog } from '../data/save-log.js';
import { useLog } from '../data/use-log.js';
import { Card, Empty } from '../parts/card.js';
import { Outcome } from '../parts/outcome.js';

/** The log of one run, with its colours, following its end until the reader scrolls up. */
export function LogView({ id, run, now }: { id: string | null; run: Run | undefined; now: number }) {
  const log = useLog(id);
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  useEffect(() => {
    setFollowing(true);
  }, [id]);
  useEffect(() => {
    if (following) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [log, following]);
  if (id === null) {
    return (
      <Card title="Build log" id="log">
        <Empty>No run yet. Its output appears here as it is printed.</Empty>
      </Card>
    );
  }
  return (
    <Card
      title="Build log"
      id="log"
      aside={
        run !== undefined && (
          <p class="log-facts">
            <Outcome outcome={run.outcome} /> <b>{run.label}</b>
            <span class="quiet">
              {run.machine} · {run.user} · {duration(elapsed(run, now))}
            </span>
          </p>
        )
      }
    >
      <div
        class="log"
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Build log"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          setFollowing(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {log.dropped > 0 && <p class="quiet">{log.dropped} earlier lines are not shown</p>}
        {log.lines.length === 0 && <p class="quiet">{log.state === 'ended' ? 'It printed nothing.' : 'Waiting…'}</p>}
        <code>
          {log.lines.map((line, index) => (
            // The library escapes everything but the colour codes, which become classes; nothing else is markup.
            <span
              class="line"
              key={log.dropped + index}
              dangerouslySetInnerHTML={{ __html: line === '' ? ' ' : line }}
            />
          ))}
        </code>
      </div>
      <p class="log-foot">
        <span class="quiet" role="status">
          {log.state === 'lost' ? 'Connection lost, trying again' : log.state === 'ended' ? 'Complete' : 'Following'}
        </span>
        {!following && (
          <button
            type="button"
            onClick={() => {
              setFollowing(true);
            }}
          >
            Follow the end
          </button>
        )}
        <button type="button" onClick={() => void saveLog(id)}>
          Save as text
        </button>
      </p>
    </Card>
  );
}
