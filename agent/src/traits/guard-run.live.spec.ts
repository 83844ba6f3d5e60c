import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { AgentInfo, traitsDigest, traitsSeen } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentProcess, allEvents } from '../testing/agent-process.js';
import { resultOf, shell, submit } from '../testing/run-requests.js';

const bundle = builtProgram('agent/build-agent.cjs');
let folder: string;
let agent: AgentProcess;

beforeEach(async () => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-a-'));
  mkdirSync(join(folder, 'ws'));
  writeFileSync(join(folder, 'ws/input'), 'hello\n');
  mkdirSync(join(folder, 'home/.cabal/bin'), { recursive: true });
  agent = await AgentProcess.start(bundle, folder, {});
});
afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Digest of what a run without any wish would see now. */
async function traitsNow(): Promise<string> {
  const { traits, defaultToolchain } = AgentInfo.parse((await agent.json('GET', '/v1/info')).body);
  const { ghc, cabal } = defaultToolchain;
  return traitsDigest(traitsSeen(traits, { ghc: ghc?.version, cabal: cabal?.version }));
}
const tool = (text: string): void => {
  writeFileSync(join(folder, 'home/.cabal/bin/tool'), text, { mode: 0o755 });
};
const run = (traits: string, script = 'cat input') =>
  submit(agent, join(folder, 'ws'), { argv: shell(script), traits });

describe('a run whose request says what the machine is like', () => {
  it('runs where it is like that', async () => {
    expect(resultOf(await allEvents(await run(await traitsNow()))).outcome).toBe('succeeded');
  });

  it('is refused where it is not, with what it would see, and runs once it is told so', async () => {
    const before = await traitsNow();
    tool('one');
    const refused = await run(before);
    expect(refused.statusCode).toBe(409);
    const body = JSON.parse((await refused.toArray()).join('')) as { details: { traits: Record<string, string> } };
    expect(body).toMatchObject({ code: 'machine-changed' });
    expect(traitsDigest(body.details.traits)).toBe(await traitsNow());
    expect(Object.keys(body.details.traits)).toContain('program tool');
    expect(resultOf(await allEvents(await run(await traitsNow()))).outcome).toBe('succeeded');
  });

  it('fails where the machine changes under it, whatever the command says, and is not answered from the record', async () => {
    const before = await traitsNow();
    const changing = `echo x > ${folder}/home/.cabal/bin/tool`;
    const result = resultOf(await allEvents(await run(before, changing)));
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 0 });
    expect(result.reason).toMatch(
      /changed while the command ran.*program tool [0-9a-f]{12} is new.*nx run test-machine:up/,
    );
    rmSync(join(folder, 'home/.cabal/bin/tool'));
    expect((await run(before, changing)).headers['x-run-origin']).toBe('started');
  });

  it('fails where the machine changed while it waited for its turn', async () => {
    const before = await traitsNow();
    const gate = join(folder, 'gate');
    const first = await run(before, `until [ -e ${gate} ]; do sleep 0.05; done`);
    const second = await run(before, 'echo second');
    tool('one');
    writeFileSync(gate, '');
    expect(resultOf(await allEvents(second)).reason).toContain('it changed while the run waited');
    expect(resultOf(await allEvents(first)).outcome).toBe('failed');
  });
});
