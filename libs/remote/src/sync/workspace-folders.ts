/** The folders above a path, innermost first, ending with the workspace (""); none above the workspace. */
export function foldersAbove(path: string): string[] {
  if (path === '') return [];
  const segments = path.split('/');
  return segments.map((_, depth) => segments.slice(0, segments.length - 1 - depth).join('/'));
}
