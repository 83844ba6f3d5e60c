import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { scopeSources } from '../testing/scope-sources.js';
import { script } from '../testing/script.js';
import { openWarmSession } from './warm-session.js';

let machine: AgentMachine;
let root: string;
let interruption: AbortController;
beforeAll(async () => {
  machine = await startAgentMachine();
});
afterAll(() => machine.close());
beforeEach(async () => {
  root = await makeWorkspace({ 'src/Main.hs': 'main = pure ()\n', 'src/deep/Old.hs': '' });
  interruption = new AbortController();
});
afterEach(async () => {
  interruption.abort();
  await rm(root, { recursive: true });
});

async function warm(command: string) {
  let output = '';
  const session = await openWarmSession({
    connect: machine.connect,
    workspaceRoot: root,
    machine: 'box',
    user: 'tester',
    sources: scopeSources(root, { roots: ['.'], files: [] }),
    command: script(command),
    onOutput: (_stream, text) => {
      output += text;
    },
    signal: interruption.signal,
  });
  session.ended.catch(() => undefined); // Looked at where it matters.
  const shows = async (text: string) => {
    while (!output.includes(text)) await sleep(50);
  };
  return { session, shows };
}

describe('a warm session', () => {
  it('has a program read what was synced while it ran', async () => {
    const { session, shows } = await warm('while read line; do eval "$line"; done; echo over; exit 3');
    writeFileSync(join(root, 'src/Main.hs'), 'main = print 2\n');
    await session.sync();
    session.write('cat src/Main.hs\n');
    await shows('main = print 2');
    await session.close();
    await shows('over');
    expect(await session.ended).toEqual({ exitCode: 3, signal: null });
  });

  it('tells which files changed since its own last sync, not which it had to send', async () => {
    const { session } = await warm('cat');
    expect(await session.sync()).toEqual([]);
    appendFileSync(join(root, 'src/Main.hs'), '-- more\n');
    rmSync(join(root, 'src/deep'), { recursive: true });
    mkdirSync(join(root, 'src/new'));
    writeFileSync(join(root, 'src/new/New.hs'), '');
    await collectRun(machine, root, script('true')); // A build that runs beside it has sent all that.
    expect(await session.sync()).toEqual(['src/Main.hs', 'src/new/New.hs', 'src/deep/Old.hs']);
    expect(session.folders().sort()).toEqual(['.', 'src', 'src/new']);
    expect(await session.sync()).toEqual([]);
  });

  it('is over when its connection is lost', async () => {
    const { session, shows } = await warm('echo on; cat');
    await shows('on');
    machine.proxy.cut();
    await expect(session.ended).rejects.toMatchObject({ code: 'connection-lost' });
    await session.close();
  });
});
