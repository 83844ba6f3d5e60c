/** What build-machines and cabal make locally, with what each is. */
const ignored: readonly { readonly pattern: string; readonly what: string }[] = [
  { pattern: '.build-machines', what: "this workspace's identity and records" },
  { pattern: 'dist/remote', what: 'fetched artifacts' },
  { pattern: 'dist-newstyle', what: "cabal's local builds" },
];

/**
 * A .gitignore that ignores what must not be committed: entries that are missing are added at its end. An entry counts
 * as present in any of its usual spellings, and `dist` covers `dist/remote`.
 */
export function withIgnoredFolders(present: string): string {
  const lines = new Set(present.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, '')));
  const missing = ignored.filter(({ pattern }) => !ancestors(pattern).some((folder) => lines.has(folder)));
  if (missing.length === 0) return present;
  const separator = present === '' ? '' : present.endsWith('\n') ? '\n' : '\n\n';
  const comment = `# build-machines: ${missing.map(({ what }) => what).join('; ')}`;
  return `${present}${separator}${[comment, ...missing.map(({ pattern }) => pattern)].join('\n')}\n`;
}

/** A path and the folders above it: `a/b` gives `a/b` and `a`. */
function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
