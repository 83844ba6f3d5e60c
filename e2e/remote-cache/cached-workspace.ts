import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const REPOSITORY = join(__dirname, '../..');

/** How Nx came to a task's result, as it says itself. */
export interface NxAnswer {
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly source: 'executed' | 'remote cache' | 'local cache';
}

/** A workspace with one cached target and real Nx; all of these are alike, wherever they lie. */
export class CachedWorkspace {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<CachedWorkspace> {
    const workspace = new CachedWorkspace(await mkdtemp(join(tmpdir(), 'nx-cache-')));
    const write = async (path: string, text: string) => {
      await mkdir(join(workspace.folder, path, '..'), { recursive: true });
      await writeFile(join(workspace.folder, path), text);
    };
    await symlink(join(REPOSITORY, 'node_modules'), join(workspace.folder, 'node_modules'));
    await write('package.json', '{ "name": "cached", "private": true }');
    await write('nx.json', '{ "analytics": false, "neverConnectToCloud": true }');
    await write('app/source.txt', 'one\n');
    await write(
      'app/project.json',
      JSON.stringify({
        name: 'app',
        targets: {
          build: {
            command: 'mkdir -p ../dist/app && cp source.txt ../dist/app/built.txt && echo "built here"',
            options: { cwd: 'app' },
            cache: true,
            inputs: ['{projectRoot}/**/*'],
            outputs: ['{workspaceRoot}/dist/app'],
          },
        },
      }),
    );
    return workspace;
  }

  /** `nx run app:build` with a remote cache, or (null) without one. */
  async build(cache: { url: string; token: string } | null): Promise<NxAnswer> {
    const { exitCode, all: output } = await execa('node', ['node_modules/nx/dist/bin/nx.js', 'run', 'app:build'], {
      cwd: this.folder,
      reject: false,
      all: true,
      timeout: 120_000,
      env: {
        CI: 'true',
        NX_DAEMON: 'false',
        NX_TUI: 'false',
        NX_NO_CLOUD: 'true',
        ...(cache === null
          ? {}
          : {
              NX_SELF_HOSTED_REMOTE_CACHE_SERVER: cache.url,
              NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: cache.token,
            }),
      },
    });
    const source = output.includes('[remote cache]')
      ? 'remote cache'
      : /\[local cache\]|existing outputs match/.test(output)
        ? 'local cache'
        : 'executed';
    return { exitCode, output, source };
  }

  async edit(text: string): Promise<void> {
    await writeFile(join(this.folder, 'app/source.txt'), text);
  }

  /** What was built, or null. */
  async built(): Promise<string | null> {
    return readFile(join(this.folder, 'dist/app/built.txt'), 'utf8').catch(() => null);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
