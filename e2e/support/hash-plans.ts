import { execFileSync } from 'node:child_process';
import type { Workspace } from './workspace.js';

/** What Nx hashes for a task, by Nx's own account: its inspector of hash plans, which is not what the product reads. */
const inspect = `
const { HashPlanInspector } = require('nx/src/hasher/hash-plan-inspector');
const { createProjectGraphAsync } = require('@nx/devkit');
const task = process.argv[1];
(async () => {
  const inspector = new HashPlanInspector(await createProjectGraphAsync());
  await inspector.init();
  const [project, target] = task.split(':');
  const { files, depOutputs } = inspector.inspectTaskInputs({ project, target })[task];
  process.stdout.write(JSON.stringify([...new Set([...files, ...depOutputs])].sort()));
  process.exit(0);
})();
`;

/**
 * Changes each of some files in turn, and says for which of them the hash of a task stays as it was. A file is given a time
 * in the future: Nx compares whole seconds. The last entry of the answer is a hash without any change.
 */
const editEach = `
const { WorkspaceContext } = require('nx/src/native');
const { InProcessTaskHasher } = require('nx/src/hasher/task-hasher');
const { createTaskGraph } = require('nx/src/tasks-runner/create-task-graph');
const { createProjectGraphAsync, workspaceRoot } = require('@nx/devkit');
const fs = require('fs');
const [task, list] = process.argv.slice(1);
(async () => {
  const graph = await createProjectGraphAsync();
  const roots = Object.fromEntries(Object.entries(graph.nodes).map(([name, { data }]) => [data.root, name]));
  const [project, target] = task.split(':');
  const tasks = createTaskGraph(graph, {}, [project], [target], undefined, {});
  let turn = 0;
  const hash = async () => {
    const { externalReferences } = new WorkspaceContext(workspaceRoot, workspaceRoot + '/.nx/edit-each-' + turn++).getWorkspaceFiles(roots);
    const hasher = new InProcessTaskHasher(graph, JSON.parse(fs.readFileSync('nx.json', 'utf8')), externalReferences, {});
    return (await hasher.hashTask(tasks.tasks[task], tasks, process.env)).value;
  };
  const before = await hash();
  const same = [];
  for (const file of JSON.parse(list)) {
    const content = fs.readFileSync(file);
    fs.writeFileSync(file, Buffer.concat([content, Buffer.from(' ')]));
    if ((await hash()) === before) same.push(file);
    fs.writeFileSync(file, content);
  }
  process.stdout.write(JSON.stringify({ same, restored: (await hash()) === before }));
  process.exit(0);
})();
`;

/** The files that Nx hashes for a task. */
export function hashedFiles(workspace: Workspace, task: string): string[] {
  return JSON.parse(node(workspace, inspect, task)) as string[];
}

/** Those of some files whose change leaves the hash of a task as it was. */
export function unhashedOf(workspace: Workspace, task: string, files: readonly string[]): string[] {
  const { same, restored } = JSON.parse(node(workspace, editEach, task, JSON.stringify(files))) as {
    same: string[];
    restored: boolean;
  };
  if (!restored) throw new Error('the hash of the same files is another one: nothing was tested');
  return same;
}

function node({ root, workstation }: Workspace, program: string, ...args: string[]): string {
  return execFileSync(process.execPath, ['-e', program, ...args], {
    cwd: root,
    env: { ...workstation.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
