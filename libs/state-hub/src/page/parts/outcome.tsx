import type { Run } from '../data/hub-data.js';

/** How a run stands, by word and colour. */
export function Outcome({ outcome, reused = false }: { outcome: Run['outcome']; reused?: boolean }) {
  return <span class={`badge ${outcome}`}>{reused ? 'reused' : outcome}</span>;
}
