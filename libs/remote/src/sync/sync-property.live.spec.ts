import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { script } from '../testing/script.js';

jest.setTimeout(240_000);

let machine: AgentMachine;
beforeAll(async () => {
  machine = await startAgentMachine();
});
afterAll(() => machine.close());

const names = ['a', 'b', 'ü n', "it's", 'x.hs', '-dash', '$HOME'];
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const edit = fc.oneof(
  fc.record({ do: fc.constant('write' as const), path, content: fc.string({ maxLength: 40 }) }),
  fc.record({ do: fc.constant('setBack' as const), path, content: fc.string({ minLength: 3, maxLength: 3 }) }),
  fc.record({ do: fc.constant('folder' as const), path }),
  fc.record({ do: fc.constant('remove' as const), path }),
  fc.record({ do: fc.constant('chmod' as const), path, mode: fc.constantFrom(0o644, 0o755, 0o600) }),
  fc.record({ do: fc.constant('link' as const), path, target: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant('rename' as const), path, to: path }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** Does an edit as a careless person would: whatever is in the way goes. */
function apply(root: string, change: Edit): void {
  const at = join(root, change.path);
  const clear = (target: string) => {
    if (statOf(target) !== undefined) rmSync(target, { recursive: true });
    for (let folder = dirname(target); folder.length > root.length; folder = dirname(folder))
      if (statOf(folder)?.isDirectory() === false) rmSync(folder);
    mkdirSync(dirname(target), { recursive: true });
  };
  const exists = statOf(at) !== undefined;
  switch (change.do) {
    case 'write':
      clear(at);
      writeFileSync(at, change.content);
      break;
    case 'setBack':
      clear(at);
      writeFileSync(at, change.content);
      utimesSync(at, 1_000_000_000, 1_000_000_000);
      break;
    case 'folder':
      clear(at);
      mkdirSync(at);
      break;
    case 'remove':
      if (exists) rmSync(at, { recursive: true });
      break;
    case 'chmod':
      if (exists && lstatSync(at).isFile()) chmodSync(at, change.mode);
      break;
    case 'link':
      clear(at);
      symlinkSync(change.target, at);
      break;
    case 'rename':
      if (!exists || `${change.to}/`.startsWith(`${change.path}/`) || `${change.path}/`.startsWith(`${change.to}/`))
        break;
      clear(join(root, change.to));
      if (statOf(at) !== undefined) renameSync(at, join(root, change.to));
      break;
  }
}

/** What is at a path; undefined also where a file, or a link to itself, is in the way of one of its folders. */
function statOf(at: string): Stats | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch (error) {
    if (['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Every file and link with all that a sync must keep. */
function snapshot(root: string, below = ''): string[] {
  return readdirSync(join(root, below))
    .filter((name) => below !== '' || name !== '.build-machines')
    .sort()
    .flatMap((name) => {
      const relative = below === '' ? name : `${below}/${name}`;
      const stat = lstatSync(join(root, relative));
      if (stat.isSymbolicLink()) return [`${relative} -> ${readlinkSync(join(root, relative))}`];
      if (stat.isDirectory()) return snapshot(root, relative);
      const content = readFileSync(join(root, relative), 'base64');
      return [`${relative} ${(stat.mode & 0o777).toString(8)} ${content}`];
    });
}

it('makes the mirror equal to the workspace after any sequence of edits, in and outside of git', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.array(edit, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
      async (inGit, rounds) => {
        const root = await makeWorkspace({ 'anchor.txt': 'stays' });
        try {
          if (inGit) execFileSync('git', ['init', '-q', root]);
          for (const edits of rounds) {
            for (const change of edits) apply(root, change);
            // Agent and test are on one computer. Written so that our mapping of paths leaves it alone.
            const run = await collectRun(machine, root, script('pwd | sed s,^/,@,'));
            expect(run.result.outcome).toBe('succeeded');
            const mirror = run.stdout.trim().replace('@', '/');
            expect(snapshot(mirror)).toEqual(snapshot(root).filter((line) => !line.startsWith('.git/')));
          }
        } finally {
          await rm(root, { recursive: true, force: true });
        }
      },
    ),
    {
      numRuns: 12,
      examples: [[false, [[{ do: 'link', path: 'b', target: 'b' }], [{ do: 'folder', path: 'b/a' }]]]],
    },
  );
});
