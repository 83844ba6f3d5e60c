import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { MARKER_NAME } from '@build-machines/owned-files';
import type { Artifact, ArtifactManifest } from '@build-machines/protocol';
import { pack } from 'tar-stream';
import type { AgentTransport } from '../connection/agent-transport.js';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { ownedFiles } from '../testing/owned-files.js';
import { script } from '../testing/script.js';
import { fetchArtifacts } from './fetch-artifacts.js';

const sha = (content: string) => createHash('sha256').update(content).digest('hex');
const artifact = (path: string, content: string, mode = 0o644): Artifact => ({
  path,
  kind: 'file',
  size: content.length,
  sha256: sha(content),
  mode,
});
const manifestOf = (...artifacts: Artifact[]): ArtifactManifest => ({ version: 1, artifacts });

let folder: string;
let destination: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bmf-'));
  destination = join(folder, 'dist/app');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const place = () => ({ destination, madeFor: 'the artifacts of app', turnFile: join(folder, 'turn') });

/** A machine that answers with given members, for what a healthy agent never sends. */
function sender(members: readonly [name: string, content: string][], cut = false) {
  const asked: string[][] = [];
  const transport: AgentTransport = {
    request({ body }) {
      asked.push((JSON.parse(String(body)) as { digests: string[] }).digests);
      const tar = pack();
      for (const [name, content] of members) tar.entry({ name }, content);
      tar.finalize();
      const chunks = Readable.from(
        (async function* () {
          for await (const chunk of tar) {
            yield chunk;
            if (cut) throw new Error('cut');
          }
        })(),
      );
      return Promise.resolve({ status: 200, headers: {}, body: chunks });
    },
    exec: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
  return { connect: () => Promise.resolve(transport), asked };
}

describe('fetching', () => {
  it('gives nobody but the owner a way to change a file, whatever mode the machine says, and finds it whole again', async () => {
    const { connect, asked } = sender([
      [sha('a'), 'a'],
      [sha('b'), 'b'],
    ]);
    const manifest = manifestOf(artifact('bin/a', 'a', 0o777), artifact('b', 'b', 0));
    await fetchArtifacts({ connect, machine: 'm', manifest, ...place() });
    expect(statSync(join(destination, 'bin/a')).mode & 0o777).toBe(0o755);
    expect(statSync(join(destination, 'b')).mode & 0o777).toBe(0o400);
    await fetchArtifacts({ connect, machine: 'm', manifest, ...place() });
    expect(asked).toHaveLength(1);
  });

  it('brings only what is not there, removes what is stale, and sets modes', async () => {
    const { connect, asked } = sender([[sha('new'), 'new']]);
    await ownedFiles(destination, 'the artifacts of app', { kept: 'kept', stale: 'stale', 'old/stale': 'stale' });
    const manifest = manifestOf(
      artifact('moved/kept', 'kept'),
      artifact('bin/new', 'new', 0o755),
      artifact('twin', 'new'),
    );
    const done = await fetchArtifacts({ connect, machine: 'box', manifest, ...place() });
    expect(done).toEqual({ files: 3, fetchedFiles: 1, fetchedBytes: 3 });
    expect(asked).toEqual([[sha('new')]]);
    expect(readdirSync(destination, { recursive: true }).sort()).toEqual([
      MARKER_NAME,
      'bin',
      'bin/new',
      'moved',
      'moved/kept',
      'twin',
    ]);
    expect(statSync(join(destination, 'bin/new')).mode & 0o777).toBe(0o755);
    expect(readdirSync(dirname(destination))).toEqual(['app']);
    const again = await fetchArtifacts({
      connect: () => Promise.reject(new Error('asked')),
      machine: 'box',
      manifest,
      ...place(),
    });
    expect(again.fetchedFiles).toBe(0);
    chmodSync(join(destination, 'twin'), 0o600);
    await fetchArtifacts({ connect, machine: 'box', manifest, ...place() });
    expect(statSync(join(destination, 'twin')).mode & 0o777).toBe(0o644);
  });

  it.each([
    ['a wrong byte', [[sha('new'), 'nEw']], 'artifact-corrupt'],
    ['a wrong length', [[sha('new'), 'newer']], 'artifact-corrupt'],
    ['a missing member', [], 'artifact-corrupt'],
    ['a member that was not asked for', [['../../evil', 'x']], 'artifact-corrupt'],
    [
      'a member that comes again and again',
      Array(20).fill([sha('new'), 'new']) as [string, string][],
      'artifact-corrupt',
    ],
    [
      'more than was asked for, after it',
      [
        [sha('new'), 'new'],
        ['x'.repeat(100_000), ''],
      ],
      'artifact-corrupt',
    ],
  ] as [string, [string, string][], string][])('refuses %s and leaves all as it was', async (_, members, code) => {
    const { connect } = sender(members);
    await ownedFiles(destination, 'the artifacts of app', { old: 'old' });
    const manifest = manifestOf(artifact('a', 'new'));
    await expect(fetchArtifacts({ connect, machine: 'box', manifest, ...place() })).rejects.toMatchObject({ code });
    expect(readFileSync(join(destination, 'old'), 'utf8')).toBe('old');
    expect(readdirSync(dirname(destination))).toEqual(['app']);
  });

  it('takes turns with fetches of other artifacts into the same folder, each of which succeeds', async () => {
    const contents = ['one', 'two', 'six'];
    const oneOf = (content: string) =>
      fetchArtifacts({
        connect: sender([[sha(content), content]]).connect,
        machine: 'box',
        manifest: manifestOf(artifact('bin/app', content), artifact(`only/${content}`, content)),
        ...place(),
      });
    await Promise.all(Array.from({ length: 12 }, (_, index) => oneOf(contents[index % 3]!)));
    const last = readFileSync(join(destination, 'bin/app'), 'utf8');
    expect(readdirSync(join(destination, 'only'))).toEqual([last]);
    expect(readdirSync(destination).sort()).toEqual([MARKER_NAME, 'bin', 'only']);
  });

  it('refuses a machine that lists our own bookkeeping as an artifact', async () => {
    await ownedFiles(destination, 'the artifacts of app', { old: 'old' });
    const manifest = manifestOf(artifact(MARKER_NAME, 'new'));
    const { connect, asked } = sender([[sha('new'), 'new']]);
    await expect(fetchArtifacts({ connect, machine: 'box', manifest, ...place() })).rejects.toMatchObject({
      code: 'artifact-corrupt',
    });
    expect([asked, readFileSync(join(destination, 'old'), 'utf8')]).toEqual([[], 'old']);
  });

  it('gives up on a connection that breaks every time, and leaves nothing behind', async () => {
    const { connect } = sender([[sha('new'), 'new']], true);
    const manifest = manifestOf(artifact('a', 'new'));
    await expect(
      fetchArtifacts({ connect, machine: 'box', manifest, ...place(), reconnectFor: 200 }),
    ).rejects.toMatchObject({ code: 'reconnect-gave-up' });
    expect(readdirSync(dirname(destination))).toEqual([]);
  });
});

describe('fetching from the agent', () => {
  let machine: AgentMachine;
  let root: string;
  beforeAll(async () => {
    machine = await startAgentMachine();
    root = await makeWorkspace({ 'p/source': 'x' });
  });
  afterAll(async () => {
    await machine.close();
    await rm(root, { recursive: true });
  });

  async function build(): Promise<ArtifactManifest> {
    const artifacts = {
      projectDir: 'p',
      buildDir: 'dist-newstyle',
      packages: [],
      kinds: ['file' as const],
      globs: ['out/**'],
    };
    const command = script(
      'mkdir -p out; head -c 3000000 /dev/urandom > out/big; echo hi > out/run; chmod 755 out/run',
      {
        cwd: 'p',
        artifacts,
      },
    );
    const { result } = await collectRun(machine, root, command);
    return result.artifacts ?? manifestOf();
  }

  it('brings what a run left, also over a connection that breaks in the middle', async () => {
    const manifest = await build();
    expect(manifest.artifacts).toHaveLength(2);
    let cut = false;
    const done = await fetchArtifacts({
      connect: machine.connect,
      machine: 'box',
      manifest,
      ...place(),
      onProgress: ({ received }) => {
        if (cut || received < 500_000) return;
        cut = true;
        machine.proxy.cut();
      },
    });
    expect([done.fetchedFiles, cut]).toEqual([2, true]);
    for (const { path, sha256, mode } of manifest.artifacts) {
      const file = join(destination, path);
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
      expect(statSync(file).mode & 0o777).toBe(mode);
    }
  });

  it('says when the machine lost them, so that the caller can build again', async () => {
    const manifest = manifestOf(artifact('gone', 'never there'));
    await expect(
      fetchArtifacts({ connect: machine.connect, machine: 'box', manifest, ...place() }),
    ).rejects.toMatchObject({ code: 'artifact-lost', missing: [sha('never there')] });
    expect(existsSync(destination)).toBe(false);
  });
});
