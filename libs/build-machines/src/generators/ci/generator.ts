import {
  detectPackageManager,
  formatFiles,
  generateFiles,
  getPackageManagerCommand,
  readNxJson,
  type Tree,
} from '@nx/devkit';
import { MachineUnknownError } from '@build-machines/machines';
import { machineFile, machinesInTree } from '../machine-files/tree-machines.js';
import { templateFolder } from '../../package/package-folder.js';
import { reportMistakes } from '../report-mistakes.js';
import { PipelineExistsError } from './errors.js';
import { withInclude } from './gitlab-include.js';
import type { CiGeneratorSchema } from './schema.js';

const GITLAB_FILE = '.gitlab-ci.yml';

/** Writes a pipeline that runs affected remote targets. Running it again with the same options changes nothing. */
export default async function ciGenerator(tree: Tree, options: CiGeneratorSchema): Promise<void> {
  await reportMistakes(async () => {
    const machine = options.machine ?? 'sandbox';
    if (!tree.exists(machineFile(machine)))
      throw new MachineUnknownError(machineFile(machine), machine, machinesInTree(tree));
    const name = options.name ?? 'build-machines';
    const fileName = name.toLowerCase().replaceAll(/[ _]+/g, '-');
    const file = options.ci === 'github' ? `.github/workflows/${fileName}.yml` : `.gitlab/${fileName}.yml`;
    const present = tree.read(file, 'utf8');
    generateFiles(tree, templateFolder('ci', options.ci), '.', {
      ...packageManagerCommands(tree),
      name,
      fileName,
      jobName: `${fileName}:affected`,
      machine,
      runner: options.runner ?? (options.ci === 'github' ? 'ubuntu-24.04' : undefined),
      mainBranch: options.mainBranch ?? defaultBranch(tree),
      targets: (options.targets ?? ['remote-build', 'remote-test']).join(' '),
    });
    if (options.ci === 'gitlab') tree.write(GITLAB_FILE, withInclude(tree.read(GITLAB_FILE, 'utf8') ?? '', file));
    if (options.skipFormat !== true) await formatFiles(tree);
    if (present !== null && tree.read(file, 'utf8') !== present) throw new PipelineExistsError(file);
  });
}

function packageManagerCommands(tree: Tree): { packageManager: string; install: string; exec: string } {
  const packageManager = detectPackageManager(tree.root);
  const commands = getPackageManagerCommand(packageManager, tree.root);
  return { packageManager, install: commands.ciInstall, exec: commands.exec };
}

/** The branch that nx.json compares with, without the name of a remote. */
function defaultBranch(tree: Tree): string {
  const base = readNxJson(tree)?.defaultBase ?? 'main';
  return base.replace(/^(refs\/remotes\/)?origin\//, '');
}
