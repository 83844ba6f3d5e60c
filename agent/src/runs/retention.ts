import type { RunRecord } from './run-record.js';

/** So many latest runs keep their artifacts, whatever the store's size: a client may be about to fetch them. */
const ARTIFACT_RUNS = 20;

function newestFirst(records: readonly RunRecord[]): RunRecord[] {
  return [...records].sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1));
}

/** Records of finished runs beyond the latest `keep`. */
export function prunedRecords(records: readonly RunRecord[], keep: number): RunRecord[] {
  return newestFirst(records).slice(keep);
}

/** Digests of the artifacts of recent runs and of what these wrote beside their sources, which the store must not let go. */
export function recentArtifacts(records: readonly RunRecord[]): Set<string> {
  return new Set(
    newestFirst(records)
      .slice(0, ARTIFACT_RUNS)
      .flatMap(({ result }) => [...(result?.artifacts?.artifacts ?? []), ...(result?.written.files ?? [])])
      .flatMap(({ sha256 }) => sha256 ?? []),
  );
}
