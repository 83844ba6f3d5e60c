import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/free-ports.js';
import { downloads, repository } from '../support/repository.js';
import { startProgram, type Running } from '../support/run-program.js';

/** An npm registry on this computer: our package from its own storage, all others from the registry behind it. */
export interface LocalRegistry {
  readonly url: string;
  /** Variables that make npm and pnpm use it, and nothing of the user's configuration. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/**
 * Starts Verdaccio with empty storage for our package. What npm fetches through it is kept between runs in the
 * repository's cache folder, under the addresses of the registry behind.
 * @param folder for its configuration and storage.
 */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  const { hub: port } = await freePorts();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.yaml');
  writeFileSync(config, stringify(configuration(folder)));
  const verdaccio = createRequire(join(repository, 'package.json')).resolve('verdaccio/package.json');
  const program = startProgram(
    process.execPath,
    [join(dirname(verdaccio), 'bin/verdaccio'), '--config', config, '--listen', `127.0.0.1:${port}`],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...certificates() },
      limit: 30 * 60_000,
    },
  );
  const url = `http://127.0.0.1:${port}/`;
  await untilItAnswers(program, url);
  const npmrc = join(folder, 'npmrc');
  // Publishing needs a token to send; the registry lets anybody publish.
  writeFileSync(npmrc, `//127.0.0.1:${port}/:_authToken=anybody\nfund=false\naudit=false\nupdate-notifier=false\n`);
  return {
    url,
    env: {
      npm_config_registry: url,
      npm_config_userconfig: npmrc,
      npm_config_cache: join(downloads, 'npm'),
      NPM_CONFIG_REGISTRY: url,
    },
    close: async () => {
      program.signalGroup('SIGTERM');
      await program.ended;
    },
  };
}

function configuration(folder: string): object {
  const behind = npmSetting('registry') ?? 'https://registry.npmjs.org/';
  return {
    storage: join(folder, 'storage'),
    max_body_size: '100mb',
    uplinks: { behind: { url: behind, cache: false, timeout: '60s' } },
    packages: {
      // Never asked for behind: a package of this name that somebody else published must not be what is tested.
      'build-machines': { access: '$all', publish: '$anonymous $authenticated' },
      '**': { access: '$all', proxy: 'behind' },
    },
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    log: { type: 'file', path: join(folder, 'verdaccio.log'), level: 'warn' },
  };
}

/** A setting of npm on this computer; undefined where it is not set. */
function npmSetting(name: string): string | undefined {
  const value = execFileSync('npm', ['config', 'get', name], { cwd: repository, encoding: 'utf8' }).trim();
  return value === 'undefined' || value === 'null' || value === '' ? undefined : value;
}

/** The certificates that the registry behind is checked against, where npm has been given its own. */
function certificates(): Record<string, string> {
  const file = npmSetting('cafile') ?? process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

async function untilItAnswers(program: Running, url: string): Promise<void> {
  try {
    await eventually('the local registry answers', () => answers(`${url}-/ping`), 60_000);
  } catch (error) {
    program.signalGroup('SIGKILL');
    throw new Error(`Verdaccio did not start:\n${program.output()}`, { cause: error });
  }
}

/** Whether a server answers; while it starts, the connection is refused. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
