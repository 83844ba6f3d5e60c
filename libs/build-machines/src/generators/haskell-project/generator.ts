import { posix } from 'node:path';
import {
  formatFiles,
  generateFiles,
  globAsync,
  joinPathFragments,
  logger,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { templateFolder } from '../../package/package-folder.js';
import { reportMistakes } from '../report-mistakes.js';
import { withPackage } from './cabal-project-text.js';
import { OutsideCabalProjectError, PackageFolderTakenError, PackageNameTakenError } from './errors.js';
import { checkPackageName, moduleNameOf } from './package-names.js';
import type { HaskellProjectGeneratorSchema } from './schema.js';

/** The packages that each kind of test suite needs besides base. */
const testPackages = { exitcode: [], hspec: ['hspec'], tasty: ['tasty', 'tasty-hunit'], none: [] } as const;

/** Creates a cabal package and adds it to cabal.project. */
export default async function haskellProjectGenerator(
  tree: Tree,
  options: HaskellProjectGeneratorSchema,
): Promise<GeneratorCallback> {
  return reportMistakes(async () => {
    const name = posix.basename(options.name);
    const directory = posix.normalize(options.directory ?? options.name).replace(/\/$/, '');
    checkPackageName(name);
    const present = tree.children(directory).find((child) => child.endsWith('.cabal'));
    if (present !== undefined) throw new PackageFolderTakenError(directory, present);
    const [namesake] = await globAsync(tree, [`**/${name}.cabal`]);
    if (namesake !== undefined) throw new PackageNameTakenError(name, namesake);
    const kind = options.kind ?? 'library';
    writePackage(tree, { ...options, name, directory, kind, test: options.test ?? 'exitcode' });
    addToCabalProject(tree, options.cabalProject ?? nearestCabalProject(tree, directory), directory, `${name}.cabal`);
    if (options.skipFormat !== true) await formatFiles(tree);
    return () => {
      logger.info(`Build it on a machine with: nx run ${name}:remote-build`);
    };
  });
}

type Complete = HaskellProjectGeneratorSchema &
  Required<Pick<HaskellProjectGeneratorSchema, 'directory' | 'kind' | 'test'>>;

function writePackage(tree: Tree, { name, directory, kind, test, module: chosen }: Complete): void {
  const module = chosen ?? moduleNameOf(name);
  const substitutions = {
    name,
    kind,
    test,
    module,
    modulePath: module.replaceAll('.', '/'),
    testPackages: testPackages[test],
  };
  const parts = [
    'library',
    ...(kind === 'application' ? ['application'] : []),
    ...(test === 'none' ? [] : [`test-${test}`]),
  ];
  for (const part of parts) generateFiles(tree, templateFolder('haskell-project', part), directory, substitutions);
}

function addToCabalProject(tree: Tree, cabalProject: string, directory: string, cabalFile: string): void {
  const dir = posix.relative(posix.dirname(cabalProject), directory) || '.';
  if (dir.startsWith('..')) throw new OutsideCabalProjectError(directory, cabalProject);
  const present = tree.read(cabalProject, 'utf8') ?? undefined;
  const wanted = withPackage(present ?? implicitProject(tree, cabalProject), { dir, cabalFile });
  if (wanted !== present) tree.write(cabalProject, wanted);
}

/** Without a cabal.project, cabal takes the packages of the folder itself: that has to stay so in the file that is made. */
function implicitProject(tree: Tree, cabalProject: string): string | undefined {
  const own = tree.children(posix.dirname(cabalProject)).some((child) => child.endsWith('.cabal'));
  return own ? 'packages:\n  ./*.cabal\n' : undefined;
}

/** The cabal.project that is nearest above a folder; the workspace's own where there is none. */
function nearestCabalProject(tree: Tree, directory: string): string {
  for (let folder = directory; folder !== '.'; folder = posix.dirname(folder)) {
    const file = joinPathFragments(folder, 'cabal.project');
    if (tree.exists(file)) return file;
  }
  return 'cabal.project';
}
