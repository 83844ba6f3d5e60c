/**
 * Folders that build tools keep beside the sources, wherever they are. They stay warm from run to run; what is not current
 * in them is known, see docs/decisions/0011-outputs-that-are-not-trusted.md.
 */
const BUILD_FOLDERS: ReadonlySet<string> = new Set(['dist-newstyle', '.stack-work']);

/** Whether a folder with all in it belongs to a build tool. */
export function isBuildFolder(name: string): boolean {
  return BUILD_FOLDERS.has(name);
}

/**
 * Whether a file belongs to a build tool although it may be anywhere: GHC compiles a module again when the file that
 * `-fwrite-ide-info` made of it is gone, and `-hiedir` puts these into any folder.
 */
export function isBuildFile(name: string): boolean {
  return name.endsWith('.hie');
}
