import type { LocatedPackage } from '@build-machines/haskell';
import { hasMarker, isStrictlyBelow, pathSegment, realPathBelow } from '@build-machines/owned-files';
import { getOutputsForTargetAndConfiguration, type ProjectGraph } from '@nx/devkit';
import { execa } from 'execa';
import { access, realpath } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { TargetOf } from './declared-folders.js';
import { OutputFolderError } from './output-errors.js';
import { artifactFolder, IMAGES, isUsualFolder, RUNS } from './output-paths.js';

/** Folders of tools, wherever they are; `machines` only at the top. */
const TOOLS = new Set([
  '.git',
  '.hg',
  '.svn',
  '.nx',
  'node_modules',
  '.build-machines',
  'dist-newstyle',
  '.stack-work',
]);

/** What the check of an output folder looks at. */
export interface OutputSurroundings {
  readonly root: string;
  readonly projectGraph: ProjectGraph;
  /** Packages of the cabal project, for their source folders. */
  readonly packages: readonly Pick<LocatedPackage, 'dir' | 'components'>[];
}

/**
 * Checks that a folder may be the output folder of a target, without looking at what is in it: that is for OwnedFolder.
 * See docs/decisions/0012-ours-by-marker.md.
 * @param folder as the user wrote it
 * @returns its real path, absolute
 * @throws OutputFolderError, OutsideError
 */
export async function requireOutputFolder(
  folder: string,
  task: TargetOf,
  { root, projectGraph, packages }: OutputSurroundings,
): Promise<string> {
  const refuse = (reason: string): never => {
    throw new OutputFolderError(folder, reason, artifactFolder(pathSegment(task.project)));
  };
  if (/[\p{Cc}*?[\]{}()!\\+]/u.test(folder)) refuse('Nx reads some of its characters as a pattern');
  if (folder.startsWith('/')) refuse('it is absolute, and Nx restores outputs relative to the workspace');
  const path = posix.normalize(folder).replace(/\/$/, '');
  if (path === '.') refuse('it is the workspace itself');
  if (path === '..' || path.startsWith('../')) refuse('it is outside of the workspace');
  // Some file systems take `.GIT` for `.git`.
  const anyCase = path.toLowerCase();
  for (const segment of anyCase.split('/')) if (TOOLS.has(segment)) refuse(`it is part of ${segment}`);
  for (const kept of ['machines', RUNS, IMAGES]) if (isSameOrBelow(anyCase, kept)) refuse(`it is part of ${kept}`);
  for (const kept of [RUNS, IMAGES]) if (isSameOrBelow(kept, anyCase)) refuse(`it holds ${kept}`);
  const real = await realPathBelow(root, join(root, path));
  const realRoot = await realpath(root);
  if (relative(realRoot, real).split(sep).join('/') !== path) refuse(`a symbolic link leads from it to ${real}`);

  const isUsual = isUsualFolder(path);
  let within: string | undefined;
  for (const [name, { data }] of Object.entries(projectGraph.nodes)) {
    const project = data.root === '' ? '.' : data.root;
    if (project !== '.' && isSameOrBelow(project, path)) refuse(`it is or holds the folder of project ${name}`);
    if (project === '.' || isSameOrBelow(path, project)) within = name;
  }
  for (const source of sourceFolders(root, packages)) {
    if (isSameOrBelow(path, source)) refuse(`it is part of the source folder ${source}`);
    if (isSameOrBelow(source, path)) refuse(`it holds the source folder ${source}`);
  }
  for (const { output, of } of otherOutputs(projectGraph, task)) {
    if (isSameOrBelow(output, path)) refuse(`it is or holds ${output}, an output of ${of}`);
    if (isSameOrBelow(path, output) && !isUsual) refuse(`it is part of ${output}, an output of ${of}`);
  }
  for (let above = dirname(real); isStrictlyBelow(above, realRoot); above = dirname(above)) {
    const holder = relative(realRoot, above);
    if (await hasMarker(above)) refuse(`it is part of ${holder}, an output folder itself`);
    if (await isGitFolder(above)) refuse(`it is part of ${holder}, where Git keeps a repository`);
  }
  if (within !== undefined && !isUsual && !(await isIgnored(root, path)))
    refuse(`it is in the folder of project ${within} and not ignored by Git, so its files would count as sources`);
  return real;
}

/** The source folders of packages, relative to the workspace; those that are the package's own folder left out. */
function sourceFolders(root: string, packages: OutputSurroundings['packages']): Set<string> {
  const folders = new Set<string>();
  for (const { dir, components } of packages)
    for (const { sourceDirs } of components)
      for (const source of sourceDirs) {
        const folder = relative(root, join(dir, source)).split(sep).join('/');
        if (folder !== relative(root, dir).split(sep).join('/')) folders.add(folder);
      }
  return folders;
}

/** What all other targets declare as outputs, without the patterns at the end. */
function* otherOutputs(graph: ProjectGraph, { project, target }: TargetOf): Generator<{ output: string; of: string }> {
  for (const [name, node] of Object.entries(graph.nodes))
    for (const [other, { executor }] of Object.entries(node.data.targets ?? {})) {
      // Several targets of one project may fetch its artifacts into one folder.
      if (name === project && (other === target || executor === 'build-machines:fetch-artifacts')) continue;
      for (const template of getOutputsForTargetAndConfiguration({ project: name, target: other }, {}, node)) {
        const output = posix.normalize(template.replace(/^!/, '').replace(/\/?[^/]*[*?[{(].*$/, '')).replace(/\/$/, '');
        if (output !== '.' && output !== '') yield { output, of: `${name}:${other}` };
      }
    }
}

/** Whether Git keeps a repository in a folder of any name, as of a bare clone or with `--separate-git-dir`. */
async function isGitFolder(folder: string): Promise<boolean> {
  const parts = await Promise.allSettled(['HEAD', 'objects', 'refs'].map((part) => access(join(folder, part))));
  return parts.every(({ status }) => status === 'fulfilled');
}

/** Whether Git ignores what is in a folder. Where Git cannot tell, it does not. */
async function isIgnored(root: string, path: string): Promise<boolean> {
  const file = join(path, 'file');
  const asked = await execa('git', ['-C', root, 'check-ignore', '--quiet', '--', file], {
    reject: false,
    stdin: 'ignore',
  });
  return asked.exitCode === 0;
}

function isSameOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
