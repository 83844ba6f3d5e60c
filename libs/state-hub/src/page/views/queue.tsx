import { ago, duration } from '../data/format.js';
import type { QueueView } from '../data/hub-data.js';
import { Card, Empty, Placeholder } from '../parts/card.js';

/** Who waits for a machine, why, and about how long. */
export function Queue({ queue, now }: { queue: QueueView | null; now: number }) {
  return (
    <Card title="Queue" id="queue">
      {queue === null && <Placeholder />}
      {queue?.waiting.length === 0 && <Empty>Nobody waits.</Empty>}
      <ol class="queue">
        {queue?.waiting.map((request) => (
          <li key={request.id}>
            <span class="position" aria-label={`Position ${request.position}`}>
              {request.position}
            </span>
            <div>
              <p>
                <b>{request.label}</b> <span class="quiet">{request.user}</span>
              </p>
              <p class="quiet">{request.reasons.slice(0, 3).join('; ')}</p>
            </div>
            <p class="wait">
              {request.expected_wait_seconds === null
                ? 'no estimate'
                : `about ${duration(Math.max(1, Math.round(request.expected_wait_seconds)) * 1000)}`}
              <span class="quiet">asked {ago(request.enqueued_at, now)}</span>
            </p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
