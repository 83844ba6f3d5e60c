import { resolveMachineAccess, stateFolder } from '@build-machines/machines';
import {
  connectDirect,
  ensureWorkspaceState,
  type ListSources,
  runRemotely,
  type RemoteRun,
} from '@build-machines/remote';
import { everythingIn, scanSources } from '@build-machines/sources';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from './support/digests.js';
import { apply, clear, edits } from './support/edit-script.js';
import { journey } from './support/journey.js';
import { writeTree, type Workspace } from './support/workspace.js';

/** All files of the folder `tree`; beside it lies what must never be touched. */
function treeSources(root: string): ListSources {
  return async (signal) => {
    const all = everythingIn(root);
    const isInTree = (path: string): boolean => path.startsWith('tree/');
    const links = new Map([...all.links].filter(([path]) => isInTree(path)));
    const list = { ...all, files: all.files.filter(isInTree), links };
    return scanSources(root, list, await ensureWorkspaceState(root), { signal });
  };
}

const treeOf = (workspace: Workspace): string => join(workspace.root, 'tree');

/** The machine's copy of {@link treeOf}. */
function mirrorOf({ workstation }: Workspace): string {
  const mirrors = join(workstation.state, 'sandboxes/sandbox/agent/state/mirrors');
  const [key, ...others] = readdirSync(mirrors);
  expect(others).toEqual([]);
  return join(mirrors, key!, 'tree', 'tree');
}

/** Syncs through the real tunnel, and runs a command that does nothing. */
async function sync(workspace: Workspace): Promise<RemoteRun> {
  const access = await resolveMachineAccess(stateFolder(workspace.workstation.env), 'sandbox');
  const run = await runRemotely({
    connect: (options) => connectDirect(access, options),
    workspaceRoot: workspace.root,
    machine: 'sandbox',
    user: 'tester',
    sources: treeSources(workspace.root),
    command: {
      label: 'edits',
      prepare: [],
      argv: ['true'],
      cwd: '.',
      env: {},
      toolchain: {},
      artifacts: null,
      reuse: false,
    },
  });
  expect(run.result.outcome).toBe('succeeded');
  return run;
}

/** Folders are there for what lies in them: an empty one is not sent. */
function expectSame(workspace: Workspace): void {
  expect(filesOf(mirrorOf(workspace))).toEqual(withSentModes(filesOf(treeOf(workspace))));
}

/** Of a file's mode, only whether its owner may execute it is sent. */
function withSentModes(files: Record<string, string>): Record<string, string> {
  const sent = (content: string): string =>
    content.replace(/^([0-7])[0-7]{2} /, (_, owner: string) => (Number(owner) % 2 === 1 ? '755 ' : '644 '));
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, sent(content)]));
}

function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(contentsOf(folder)).filter(([, content]) => content !== 'folder'));
}

describe('edits of a source tree', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, { 'tree/first': 'first' });
    },
  });

  it('arrive whatever they are: the mirror is the same as the tree after every step of a random script', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 4 }), async (steps) => {
        clear(treeOf(workspace()));
        writeTree(workspace(), { 'tree/stays': 'here' });
        for (const step of steps) {
          for (const edit of step) apply(treeOf(workspace()), edit);
          for (const content of [null, 'here']) writeTree(workspace(), { 'tree/stays': content });
          await sync(workspace());
          expectSame(workspace());
        }
      }),
      { numRuns: 20 },
    );
  });

  it('send a file of 200 MB once, and then only what changed', async () => {
    const file = join(treeOf(workspace()), 'large');
    writeFileSync(file, randomBytes(200 * 1024 * 1024));
    const first = await sync(workspace());
    expect(first.sync.bytesSent).toBeGreaterThan(200 * 1024 * 1024 - 1);
    expectSame(workspace());
    renameSync(file, join(treeOf(workspace()), 'large, renamed'));
    writeTree(workspace(), { 'tree/small': 'small' });
    const second = await sync(workspace());
    expect(second.sync).toMatchObject({ filesSent: 1, bytesSent: 5 });
    expectSame(workspace());
    rmSync(join(treeOf(workspace()), 'large, renamed'));
    await sync(workspace());
  });

  it('may be loops of symbolic links', async () => {
    const tree = treeOf(workspace());
    mkdirSync(join(tree, 'loop'));
    symlinkSync('..', join(tree, 'loop/up'));
    symlinkSync('self', join(tree, 'loop/self'));
    symlinkSync('pong', join(tree, 'loop/ping'));
    symlinkSync('ping', join(tree, 'loop/pong'));
    await sync(workspace());
    expectSame(workspace());
  });

  it.each([
    ['by an absolute path', '/etc/hostname'],
    ['by many steps up', '../../../../etc/hostname'],
  ])('leave out a link that leaves the workspace %s', async (_way, target) => {
    await sync(workspace());
    symlinkSync(target, join(treeOf(workspace()), 'out'));
    writeTree(workspace(), { 'tree/beside the link': 'x' });
    await sync(workspace());
    const mirrored = contentsOf(mirrorOf(workspace()));
    expect([mirrored['out'], mirrored['beside the link']]).toEqual([undefined, expect.anything()]);
    rmSync(join(treeOf(workspace()), 'out'));
    expectSame(workspace());
  });

  it('cost nothing again when a folder lost all its files for a while, as with an unmounted disk', async () => {
    await sync(workspace());
    const tree = treeOf(workspace());
    renameSync(tree, `${tree}.away`);
    mkdirSync(tree);
    await sync(workspace());
    rmSync(tree, { recursive: true });
    renameSync(`${tree}.away`, tree);
    await sync(workspace());
    expectSame(workspace());
  });

  it('never arrive torn when they happen while files are sent', async () => {
    const tree = treeOf(workspace());
    const size = 4 * 1024 * 1024;
    let letter = 0;
    const replace = (): void => {
      letter += 1;
      writeFileSync(join(tree, '.replacement'), Buffer.alloc(size, String.fromCharCode(97 + (letter % 26))));
      renameSync(join(tree, '.replacement'), join(tree, 'restless'));
    };
    replace();
    const timer = setInterval(replace, 10);
    try {
      for (let round = 0; round < 5; round++) {
        try {
          await sync(workspace());
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'source-changing')) throw error;
          continue;
        }
        const arrived = readFileSync(join(mirrorOf(workspace()), 'restless'));
        expect(arrived.equals(Buffer.alloc(size, arrived[0]))).toBe(true);
      }
    } finally {
      clearInterval(timer);
    }
    await sync(workspace());
    expectSame(workspace());
  });
});
