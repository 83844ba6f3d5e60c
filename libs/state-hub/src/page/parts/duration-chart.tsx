import { duration, elapsed } from '../data/format.js';
import type { Run } from '../data/hub-data.js';
import { Axis } from './axis.js';

const WIDTH = 600;
const HEIGHT = 120;

interface Props {
  runs: readonly Run[];
  selected: string | null;
  onSelect: (id: string) => void;
}

/** How long the last runs took: one bar each, the newest at the right; the height is scaled by square root. */
export function DurationChart({ runs, selected, onSelect }: Props) {
  const finished = runs.filter(({ outcome }) => outcome !== 'running').toReversed();
  const times = finished.map((run) => elapsed(run, 0));
  const longest = Math.max(...times, 1);
  const step = Math.min(WIDTH / Math.max(finished.length, 1), 28);
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const y = (ms: number) => HEIGHT - Math.max(Math.sqrt(ms / longest) * (HEIGHT - 8), 2);
  return (
    <figure>
      <figcaption>
        <b>Durations</b>
        <span class="quiet">
          {median === undefined ? 'none yet' : `median ${duration(median)}, longest ${duration(longest)}`}
        </span>
      </figcaption>
      <svg
        class="bars"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Durations of ${finished.length} runs`}
      >
        {median !== undefined && <line class="median" x1="0" x2={WIDTH} y1={y(median)} y2={y(median)} />}
        {finished.map((run, index) => {
          const top = y(times[index] ?? 0);
          return (
            <rect
              key={run.id}
              class={`${run.outcome}${run.id === selected ? ' selected' : ''}`}
              x={WIDTH - (finished.length - index) * step + step * 0.15}
              y={top}
              width={step * 0.7}
              height={HEIGHT - top}
              rx="2"
              onClick={() => {
                onSelect(run.id);
              }}
            >
              <title>{`${run.label}: ${duration(times[index] ?? 0)}, ${run.outcome}`}</title>
            </rect>
          );
        })}
      </svg>
      {finished.length > 0 && <Axis from={`${finished.length} runs`} to="newest" />}
    </figure>
  );
}
