import { hasMachineOf, type Check } from '../check.js';
import { isAtLeast, versionIn } from '../version.js';

/** The oldest Node that the plugin runs on; `engines` in package.json says the same. */
const NODE = '20.19';

export const node: Check = {
  id: 'node',
  title: 'Node',
  inspect({ nodeVersion }) {
    const version = versionIn(nodeVersion) ?? nodeVersion;
    return Promise.resolve(
      isAtLeast(version, NODE)
        ? { status: 'ok', found: version }
        : { status: 'missing', found: `${version}, older than ${NODE}`, fix: 'Install Node 20 or later: nodejs.org' },
    );
  },
};

export const git: Check = {
  id: 'git',
  title: 'Git',
  async inspect({ run, install }) {
    const output = await run('git', ['--version']);
    if (output !== undefined) return { status: 'ok', found: versionIn(output.stdout) ?? 'found' };
    return {
      status: 'warning',
      found: 'not found; which files are ignored is then read from .gitignore files alone',
      fix: install('git'),
    };
  },
};

export const ssh: Check = {
  id: 'ssh',
  title: 'SSH client',
  async inspect({ run, install }) {
    // ssh prints its version on standard error.
    const output = await run('ssh', ['-V']);
    if (output === undefined) return { status: 'missing', found: 'not found', fix: install('ssh') };
    return { status: 'ok', found: output.stderr.split(',')[0]?.trim() ?? 'found' };
  },
};

export const sshd: Check = {
  id: 'ssh-server',
  title: 'SSH server',
  async inspect({ find, install }) {
    const path = await find('sshd');
    if (path !== undefined) return { status: 'ok', found: path };
    return {
      status: 'missing',
      found: 'not found: the embedded relay and sandbox machines are made with it (it need not run as a service)',
      fix: install('sshd'),
    };
  },
};

export const autossh: Check = {
  id: 'autossh',
  title: 'autossh',
  async inspect(workstation) {
    const path = await workstation.find('autossh');
    if (path !== undefined) return { status: 'ok', found: path };
    const needed = hasMachineOf(workstation, 'sandbox');
    return {
      status: needed ? 'missing' : 'unneeded',
      found: needed ? 'not found: a sandbox machine connects out with it' : 'not found; images bring their own',
      fix: workstation.install('autossh'),
    };
  },
};
