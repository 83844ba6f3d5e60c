import { type CompilerSettings, type HaskellProject, leavesFolder, requestedGhc } from '@build-machines/haskell';
import { lstatSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** A cabal project of the workspace. Paths are relative to the workspace. */
export interface WorkspaceProject {
  readonly root: string;
  /** The files that decide what it builds, besides the packages' own. */
  readonly files: readonly string[];
  /** Symbolic links: to folders over which its files name packages, and those among its files. */
  readonly links: readonly string[];
  /** Its packages inside the workspace, by name, those included that cannot be read. */
  readonly packages: ReadonlyMap<string, MemberPackage>;
  /** Compiler options that the project adds to the packages' own. */
  readonly settings: readonly CompilerSettings[];
  /** The GHC version that the project's files ask for; undefined: none, or not an exact one. */
  readonly ghc: string | undefined;
}

/** Where a package of a project lies. */
export interface MemberPackage {
  readonly root: string;
  /** The file that describes it; of one without, the project file that lists it. */
  readonly file: string;
}

/** What of a cabal project matters in the workspace. */
export function workspaceProject(project: HaskellProject, paths: WorkspacePaths): WorkspaceProject {
  const broken = project.broken.map(({ sketch, dir, file }) => ({ name: sketch.name, dir, cabalFile: file }));
  return {
    root: paths.relative(project.dir),
    files: project.files.map((file) => paths.relative(file)).filter((file) => !leavesFolder(file)),
    links: [...project.links, ...project.files.filter(isLink)].map((link) => paths.relative(link)),
    packages: new Map(
      [...broken, ...project.packages]
        .map(({ name, dir, cabalFile }): [string, MemberPackage] => [
          name,
          { root: paths.relative(dir), file: paths.relative(cabalFile) },
        ])
        .filter(([, { root }]) => !leavesFolder(root)),
    ),
    settings: project.settings,
    ghc: requestedGhc(project.compilers),
  };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** The project that a package is by itself; its files need not be there yet. */
export function loneProject(name: string, member: MemberPackage): WorkspaceProject {
  const folder = member.root === '.' ? '' : `${member.root}/`;
  return {
    root: member.root,
    files: ['', '.local', '.freeze'].map((suffix) => `${folder}cabal.project${suffix}`),
    links: [],
    packages: new Map([[name, member]]),
    settings: [],
    ghc: undefined,
  };
}

/** Absolute paths as workspace-relative ones with slashes. */
export class WorkspacePaths {
  constructor(readonly workspaceRoot: string) {}

  relative(path: string): string {
    const inside = relative(this.workspaceRoot, path).split(sep).join('/');
    if (inside === '') return '.';
    return isAbsolute(inside) ? path : inside;
  }
}
