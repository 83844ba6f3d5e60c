import { stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { ArtifactKind, ArtifactRequest } from '@build-machines/protocol';
import picomatch from 'picomatch';
import { isErrno } from '../durable/errno.js';
import { readBuildPlan, type PlannedComponent } from './build-plan.js';
import { foreignLibraryFiles } from './foreign-library.js';
import { isSublibrary, libraryFiles } from './library-artifacts.js';
import { listFiles } from './list-files.js';

/** A file worth keeping, and where it goes below the user's `dist/remote/<project>/`. */
export interface FoundArtifact {
  readonly file: string;
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly package?: string;
  readonly component?: string;
}

/** A run that has ended. */
export interface FinishedBuild {
  readonly succeeded: boolean;
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Kinds that a failed run still leaves: the logs say why it failed. */
const AFTER_FAILURE: readonly ArtifactKind[] = ['test-log'];

/**
 * Finds the artifacts that a request names among what is on disk. What was not built is not there, and so not found.
 * @param projectFolder absolute path of the request's projectDir.
 */
export async function findArtifacts(
  projectFolder: string,
  request: ArtifactRequest,
  { succeeded, startedAt }: FinishedBuild,
): Promise<FoundArtifact[]> {
  const kinds = new Set(request.kinds.filter((kind) => succeeded || AFTER_FAILURE.includes(kind)));
  const components = await readBuildPlan(join(projectFolder, request.buildDir), request.packages);
  const found = (await Promise.all(components.map((component) => ofComponent(component, kinds, startedAt)))).flat();
  if (kinds.has('file') || (succeeded && request.globs.length > 0))
    found.push(...(await ofGlobs(projectFolder, request.globs)));
  return uniquePaths(found);
}

async function ofComponent(
  component: PlannedComponent,
  kinds: ReadonlySet<ArtifactKind>,
  startedAt: number,
): Promise<FoundArtifact[]> {
  const { package: name, distDir } = component;
  const owner = { package: name, component: `${component.kind}:${component.name}` };
  const found: FoundArtifact[] = [];
  const add = async (kind: ArtifactKind, file: string | undefined, path: string): Promise<void> => {
    if (kinds.has(kind) && file !== undefined && (await isFile(file))) found.push({ ...owner, kind, file, path });
  };
  const addFolder = async (kind: ArtifactKind, folder: string, path: string): Promise<void> => {
    if (!kinds.has(kind)) return;
    for (const file of await listFiles(folder))
      found.push({ ...owner, kind, file: join(folder, file), path: `${path}/${file}` });
  };
  switch (component.kind) {
    case 'exe':
      await add('executable', component.binFile, `bin/${component.name}`);
      break;
    case 'test': {
      await add('test-suite', component.binFile, `test/${name}/${component.name}`);
      // cabal makes a program around the module of a suite of type detailed-0.9.
      const stub = `${component.name}Stub`;
      await add('test-suite', join(distDir, 'build', stub, stub), `test/${name}/${component.name}`);
      // Suites that this run did not run have logs and coverage of earlier ones.
      const logs = await testLogs(component, owner, startedAt);
      if (kinds.has('test-log')) found.push(...logs);
      if (logs.length === 0) break;
      await addFolder('coverage', join(distDir, 'hpc', 'vanilla'), `coverage/${name}/${component.name}`);
      break;
    }
    case 'bench':
      await add('benchmark', component.binFile, `bench/${name}/${component.name}`);
      break;
    case 'flib':
      for (const file of await foreignLibraryFiles(component))
        await add('foreign-library', file, `lib/${basename(file)}`);
      break;
    case 'lib':
      for (const { file, path } of await libraryFiles(component)) await add('library', file, path);
      // cabal gives the documentation of a sublibrary the name of the package as well.
      await addFolder(
        'documentation',
        join(distDir, 'doc', 'html', name),
        isSublibrary(component) ? `doc/${name}/${component.name}` : `doc/${name}`,
      );
      await addFolder('coverage', join(distDir, 'hpc', 'vanilla'), `coverage/${name}/${component.name}`);
  }
  return found;
}

/**
 * The logs of a suite that a run wrote: cabal names them `<package>-<version>-<suite>.log`, and has one for the package; a
 * Custom package has all in one folder.
 */
async function testLogs(component: PlannedComponent, owner: Owner, startedAt: number): Promise<FoundArtifact[]> {
  const folder = join(component.distDir, 'test');
  const prefix = `${component.package}-${component.packageVersion}`;
  const own = [`${prefix}-${component.name}.log`, `${prefix}.log`];
  const written = own.map((file) => writtenSince(join(folder, file), startedAt));
  const isNew = await Promise.all(written);
  if (isNew[0] !== true) return [];
  return own
    .filter((_, index) => isNew[index])
    .map((file) => ({
      ...owner,
      kind: 'test-log' as const,
      file: join(folder, file),
      path: `logs/${component.package}/${component.name}/${file}`,
    }));
}

async function ofGlobs(projectFolder: string, globs: readonly string[]): Promise<FoundArtifact[]> {
  if (globs.length === 0) return [];
  const matches = picomatch([...globs], { dot: true });
  return (await listFiles(projectFolder))
    .filter((file) => matches(file))
    .map((file) => ({ kind: 'file' as const, file: join(projectFolder, file), path: `files/${file}` }));
}

interface Owner {
  readonly package: string;
  readonly component: string;
}

async function writtenSince(file: string, time: number): Promise<boolean> {
  try {
    return (await stat(file)).mtimeMs >= time;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** Two packages may have an executable of one name: then each goes below its package. The same file counts once. */
function uniquePaths(found: readonly FoundArtifact[]): FoundArtifact[] {
  const files = new Map<string, Set<string>>();
  for (const { path, file } of found) files.set(path, (files.get(path) ?? new Set()).add(file));
  const taken = new Set<string>();
  const unique: FoundArtifact[] = [];
  for (const artifact of found) {
    const clashes = (files.get(artifact.path)?.size ?? 0) > 1 && artifact.package !== undefined;
    const { dir, base } = split(artifact.path);
    const path = clashes ? `${dir}${artifact.package ?? ''}/${base}` : artifact.path;
    if (taken.has(path)) continue;
    taken.add(path);
    unique.push({ ...artifact, path: relative('/', join('/', path)) });
  }
  return unique;
}

function split(path: string): { dir: string; base: string } {
  const slash = path.indexOf('/');
  return { dir: path.slice(0, slash + 1), base: path.slice(slash + 1) };
}
