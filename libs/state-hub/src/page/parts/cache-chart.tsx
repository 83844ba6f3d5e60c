import { bytes } from '../data/format.js';
import type { CacheStatistics } from '../data/hub-data.js';
import { Axis } from './axis.js';

const WIDTH = 600;
const HEIGHT = 120;

/** How often the remote cache had what Nx asked for, by day: hits in full, misses above them. */
export function CacheChart({ cache }: { cache: CacheStatistics | null }) {
  const days = cache?.days ?? [];
  const [first] = days;
  const hits = days.reduce((sum, day) => sum + day.hits, 0);
  const asked = days.reduce((sum, day) => sum + day.hits + day.misses, 0);
  const most = Math.max(...days.map((day) => day.hits + day.misses), 1);
  const step = Math.min(WIDTH / Math.max(days.length, 1), 28);
  const scale = (count: number) => (count / most) * (HEIGHT - 8);
  return (
    <figure>
      <figcaption>
        <b>Remote cache</b>
        <span class="quiet">
          {asked === 0 ? 'not asked yet' : `${Math.round((hits / asked) * 100)} % hits of ${asked}`}
          {cache === null ? '' : `, ${bytes(cache.bytes)} of ${bytes(cache.max_bytes)}`}
        </span>
      </figcaption>
      <svg class="bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${hits} hits of ${asked} requests`}>
        {days.map((day, index) => {
          const x = WIDTH - (days.length - index) * step + step * 0.15;
          const hit = scale(day.hits);
          const miss = scale(day.misses);
          return (
            <g key={day.day}>
              <title>{`${day.day}: ${day.hits} hits, ${day.misses} misses`}</title>
              <rect class="hit" x={x} y={HEIGHT - hit} width={step * 0.7} height={hit} rx="2" />
              <rect class="miss" x={x} y={HEIGHT - hit - miss} width={step * 0.7} height={miss} rx="2" />
            </g>
          );
        })}
        {days.length === 0 && <line class="median" x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />}
      </svg>
      {first !== undefined && <Axis from={days.length > 1 ? first.day : ''} to={days.at(-1)?.day ?? ''} />}
    </figure>
  );
}
