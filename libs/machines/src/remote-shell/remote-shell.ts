import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { execa } from 'execa';
import { requireProgram } from '../sshd/find-sshd.js';
import { machineHostKeyAlias } from '../ssh-config/host-block.js';
import { RemoteCommandError, RemoteLoginError } from './errors.js';
import type { RemoteLogin } from './remote-login.js';
import { shellWord } from './shell-word.js';
import { sshArguments } from './ssh-arguments.js';

/** Status of ssh itself when no command was run (ssh(1), EXIT STATUS); a command could end with it too, none of ours does. */
const SSH_FAILED = 255;

export interface RemoteCommandOptions {
  /** What the script reads; secrets go here and nowhere else. */
  readonly stdin?: string | Buffer;
  /** What it prints, as it comes. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly signal?: AbortSignal;
}

/** How a script ended. */
export interface RemoteExit {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs POSIX shell scripts on a host, each over an SSH connection of its own. */
export interface RemoteShell {
  /**
   * Runs a script, whatever its end. Values in it must have been through `shellWord`; nothing in it may be secret.
   * @throws RemoteLoginError
   */
  run(script: string, options?: RemoteCommandOptions): Promise<RemoteExit>;
  /**
   * As `run`, for a script that must succeed. `step` names it in the error.
   * @returns what it printed.
   * @throws RemoteLoginError, RemoteCommandError with the script's own last words.
   */
  succeed(step: string, script: string, options?: RemoteCommandOptions): Promise<string>;
}

/**
 * @param path PATH, where ssh is looked for.
 * @param env what ssh itself may see: `HOME` and, where the user's own keys count, `SSH_AUTH_SOCK`.
 */
export function remoteShell(
  login: RemoteLogin,
  { path, env }: { readonly path: string; readonly env: Readonly<Record<string, string | undefined>> },
): RemoteShell {
  const run: RemoteShell['run'] = async (script, { stdin, onOutput, signal } = {}) => {
    const ssh = await requireProgram('ssh', path, 'openssh-client');
    const folder = await makeTemporaryFolder(join(tmpdir(), 'bm-ssh-'));
    try {
      const knownHosts = join(folder, 'known_hosts');
      await writeFile(knownHosts, `${machineHostKeyAlias(login.name)} ${login.hostKey}\n`, { mode: 0o600 });
      const args = [...sshArguments(login, knownHosts), '--', login.host, `exec sh -c ${shellWord(script)}`];
      const running = execa(ssh, args, {
        ...(stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin }),
        extendEnv: false,
        env: { PATH: path, HOME: env['HOME'], SSH_AUTH_SOCK: env['SSH_AUTH_SOCK'], LANG: 'C.UTF-8' },
        cancelSignal: signal,
        reject: false,
        stripFinalNewline: false,
      });
      for (const stream of ['stdout', 'stderr'] as const) {
        // A character may arrive in two parts.
        const decoder = new TextDecoder();
        running[stream].on('data', (chunk: Buffer) => onOutput?.(stream, decoder.decode(chunk, { stream: true })));
      }
      const { exitCode, stdout, stderr } = await running;
      signal?.throwIfAborted();
      if (exitCode === SSH_FAILED || exitCode === undefined) throw loginError(login, stderr);
      return { exitCode, stdout, stderr };
    } finally {
      await removeTemporaryFolder(folder);
    }
  };
  return {
    run,
    async succeed(step, script, options) {
      const { exitCode, stdout, stderr } = await run(script, options);
      if (exitCode === 0) return stdout;
      const words = stderr.trim().split('\n').slice(-4).join(' | ') || `exit status ${exitCode}`;
      throw new RemoteCommandError(`${step} failed on ${login.name} (${login.user}@${login.host}): ${words}`, {
        hint: `Mend that there, then run the same command again; it does only what is not done.`,
        details: { exitCode },
      });
    },
  };
}

function loginError({ name, user, host, port }: RemoteLogin, stderr: string): RemoteLoginError {
  const words = stderr.trim().split('\n').at(-1) ?? '';
  const target = `${user}@${host}`;
  const at = port === 22 ? target : `-p ${port} ${target}`;
  const hint = /Permission denied/.test(words)
    ? `Let your key in: ssh-copy-id ${at}; or name one that is: nx run ${name}:up --identityFile=FILE. A key with a passphrase must be in your ssh-agent.`
    : /Host key verification failed/.test(words)
      ? `The host shows another key than the one that is pinned. If it was made anew on purpose: nx run ${name}:up --acceptHostKey=SHA256:… (its fingerprint). If not, somebody stands between you and it.`
      : `Does \`ssh ${at}\` work?`;
  return new RemoteLoginError(`machine "${name}": no SSH session as ${target}, port ${port}: ${words}`, {
    hint,
    details: { refused: /Permission denied/.test(words) },
  });
}
