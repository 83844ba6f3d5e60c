import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped word most likely meant, or undefined when none is near (half of its letters differ). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.ceil(best.candidate.length / 2) ? best.candidate : undefined;
}
