import { readFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { PlannedComponent } from './build-plan.js';
import { listFiles, topFiles } from './list-files.js';

/** A file of a library, and where it goes below the user's `dist/remote/<project>/`. */
export interface LibraryFile {
  readonly file: string;
  readonly path: string;
}

/**
 * The archive, the shared object and the registration of a package's library or of one of its sublibraries, as cabal
 * leaves them for dependents in the project. The registration comes only with each library that it names.
 */
export async function libraryFiles(component: PlannedComponent): Promise<LibraryFile[]> {
  const { package: name, distDir } = component;
  const folder = isSublibrary(component) ? join(distDir, 'build', component.name) : join(distDir, 'build');
  const objects = (await topFiles(folder)).filter((file) => /^libHS.*\.(a|so|dylib)$/.test(file));
  const registration = await registrationOf(component);
  const isWhole =
    registration !== undefined &&
    librariesNamed(await readFile(registration, 'utf8')).every((library) =>
      objects.some((file) => file.startsWith(`lib${library}.`) || file.startsWith(`lib${library}-ghc`)),
    );
  return [...objects.map((file) => join(folder, file)), ...(isWhole ? [registration] : [])].map((file) => ({
    file,
    path: `lib/${name}/${basename(file)}`,
  }));
}

export function isSublibrary({ kind, name, package: owner }: PlannedComponent): boolean {
  return kind === 'lib' && name !== owner;
}

/** `packagedb/<compiler>/<unit id>.conf`; databases of other compilers are there as well, which built it before. */
async function registrationOf({ id, name, package: owner, buildFolder, distDir }: PlannedComponent) {
  const compiler = distDir.slice(buildFolder.length).split(sep)[3];
  // A package that is built as a whole has one id for all of its components.
  const wanted = name === owner || id.endsWith(`-${name}`) ? id : `${id}-${name}`;
  const databases = join(buildFolder, 'packagedb');
  const found = (await listFiles(databases)).find((file) => {
    const database = dirname(file);
    const isOfCompiler = database === compiler || database.startsWith(`${compiler}-`);
    return isOfCompiler && basename(file) === `${wanted}.conf`;
  });
  return found === undefined ? undefined : join(databases, found);
}

/** The words of `hs-libraries`, which may go on below it, indented. None: the library has no modules of its own. */
function librariesNamed(registration: string): string[] {
  const field = /^hs-libraries:((?:[^\n]*)(?:\n[ \t]+[^\n]*)*)/m.exec(registration)?.[1] ?? '';
  return field.split(/\s+/).filter((word) => word !== '');
}
