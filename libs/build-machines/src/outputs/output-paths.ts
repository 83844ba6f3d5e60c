import { pathSegment } from '@build-machines/owned-files';

/** Where everything goes that remote targets leave in a workspace. Never synced, whatever ignore files say. */
const REMOTE = 'dist/remote';

/** Folders in {@link REMOTE} of what is no project's artifacts. No project's segment begins with a dot. */
export const RUNS = `${REMOTE}/.runs`;
export const IMAGES = `${REMOTE}/.images`;

const HADDOCK = 'dist/haddock';

/** A project in the path of an output: Nx's token for an ordinary name, else the segment that stands for the name. */
export type ProjectInPath = string;

/** What stands for a project in the outputs that the graph declares. */
export function projectInPath(name: string): ProjectInPath {
  const segment = pathSegment(name);
  return segment === name ? '{projectName}' : segment;
}

/**
 * The folder that a remote task leaves as its Nx output: what was built, and the log. Small on purpose: Nx copies
 * outputs whole into its cache. One for each target, so that no two targets share an output.
 */
export function runFolder(project: ProjectInPath, target: string): string {
  return `${RUNS}/${project}/${pathSegment(target)}`;
}

/** Where the record of a machine's image goes. */
export function imageRecordFolder(machine: string): string {
  return `${IMAGES}/${pathSegment(machine)}`;
}

/** Where the artifacts of a project go if nobody chooses another folder. */
export function artifactFolder(project: ProjectInPath): string {
  return `${REMOTE}/${project}`;
}

/** Where the documentation of a project goes: an output of its own target, as artifacts are. */
export function documentationFolder(project: ProjectInPath): string {
  return `${HADDOCK}/${project}`;
}

/** Whether a folder is one that build-machines chooses by itself: one segment below dist/remote or dist/haddock. */
export function isUsualFolder(folder: string): boolean {
  return /^dist\/(remote|haddock)\/(?!\.)[^/]+$/.test(folder);
}
