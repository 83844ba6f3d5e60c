/** Folders that are never source: other tools fill them. */
export const TOOL_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'dist-newstyle',
  '.git',
  '.nx',
  '.stack-work',
  '.hie',
]);
