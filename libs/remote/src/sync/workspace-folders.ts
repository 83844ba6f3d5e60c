/** A root of a scope as a folder path: "" is the workspace. */
export function asFolder(root: string): string {
  return root === '.' ? '' : root;
}

/** The folders above a path, innermost first, ending with the workspace (""); none above the workspace. */
export function foldersAbove(path: string): string[] {
  if (path === '') return [];
  const segments = path.split('/');
  return segments.map((_, depth) => segments.slice(0, segments.length - 1 - depth).join('/'));
}
