/** How one package of a batch fared. */
export interface PackageOutcome {
  /** `skipped`: nothing of it was tried, or not all, because something that it needs failed. */
  readonly status: 'succeeded' | 'failed' | 'skipped';
  /** What cabal and its children wrote about it, with the overview at the top; ends with a line break. */
  readonly log: string;
  /** The first and the last line of the output that are about it, counted from 0; null where none is. */
  readonly span: { readonly first: number; readonly last: number } | null;
}
