import { join } from 'node:path';
import { filesNamed } from './support/digests.js';
import { shutDown, up } from './support/machine.js';
import { succeeded } from './support/nx-output.js';
import { addUser, mayActAsOthers, removeUser } from './support/other-user.js';
import { smallProject, wordModule } from './support/small-project.js';
import { giveToUser, makeWorkspace, nx, runIn, writeTree, type Workspace } from './support/workspace.js';
import { makeWorkstation, removeWorkstation, type OtherUser, type Workstation } from './support/workstation.js';

async function says(workspace: Workspace, project: string): Promise<string> {
  const [program] = filesNamed(join(workspace.root, 'dist/remote', project), project);
  return succeeded(await runIn(workspace, '.', program!, [])).output.trim();
}

/** Builds and fetches a project, as one command. */
async function bring(workspace: Workspace, project: string): Promise<void> {
  succeeded(await nx(workspace, ['run', `${project}:fetch-artifacts`]));
}

describe('on one machine', () => {
  let workstation: Workstation;
  let first: Workspace;
  let second: Workspace;
  beforeAll(async () => {
    workstation = await makeWorkstation();
    first = makeWorkspace(workstation, ['sandbox'], 'first');
    second = makeWorkspace(workstation, ['sandbox'], 'second');
    writeTree(first, { ...smallProject('small', 'first'), ...smallProject('other', 'other') });
    writeTree(second, smallProject('small', 'second'));
    await up(first);
  });
  afterAll(async () => {
    try {
      await shutDown(first);
    } finally {
      await removeWorkstation(workstation);
    }
  });

  it('two targets at once both end well', async () => {
    await Promise.all([bring(first, 'small'), bring(first, 'other')]);
    expect(await says(first, 'small')).toBe('it said first');
    expect(await says(first, 'other')).toBe('it said other');
  });

  it('the same target twice at once ends well twice, and leaves a sound dist-newstyle', async () => {
    writeTree(first, { 'small/src/Word.hs': wordModule('twice') });
    await Promise.all([bring(first, 'small'), bring(first, 'small')]);
    expect(await says(first, 'small')).toBe('it said twice');
    writeTree(first, { 'small/src/Word.hs': wordModule('first') });
    await bring(first, 'small');
    expect(await says(first, 'small')).toBe('it said first');
  });

  it('two workspaces with the same project names do not mix', async () => {
    await Promise.all([bring(first, 'small'), bring(second, 'small')]);
    expect([await says(first, 'small'), await says(second, 'small')]).toEqual(['it said first', 'it said second']);
    writeTree(second, { 'small/src/Word.hs': wordModule('second again') });
    await bring(second, 'small');
    await bring(first, 'small');
    expect([await says(first, 'small'), await says(second, 'small')]).toEqual([
      'it said first',
      'it said second again',
    ]);
  });
});

const asRoot = mayActAsOthers ? describe : describe.skip;

asRoot('two users of one computer', () => {
  const users: OtherUser[] = [];
  const workspaces: Workspace[] = [];
  beforeAll(async () => {
    for (const word of ['one', 'two']) {
      const user = addUser();
      users.push(user);
      const workspace = makeWorkspace(await makeWorkstation(user));
      workspaces.push(workspace);
      writeTree(workspace, smallProject('small', word));
      giveToUser(workspace);
    }
  });
  afterAll(async () => {
    for (const workspace of workspaces) {
      try {
        await shutDown(workspace);
      } finally {
        await removeWorkstation(workspace.workstation);
      }
    }
    users.forEach(removeUser);
  });

  it('bring up a machine each and build at once, and neither can read what is the other one’s', async () => {
    await Promise.all(workspaces.map((workspace) => up(workspace)));
    await Promise.all(workspaces.map((workspace) => bring(workspace, 'small')));
    const [one, two] = [workspaces[0]!, workspaces[1]!];
    expect([await says(one, 'small'), await says(two, 'small')]).toEqual(['it said one', 'it said two']);
    const spied = await runIn(one, '.', 'ls', [two.workstation.state]);
    expect(spied).toMatchObject({ exitCode: 2, output: expect.stringContaining('Permission denied') });
  });
});
