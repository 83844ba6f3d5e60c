import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { execa, ExecaError } from 'execa';
import { HypervisorHostError, HypervisorTransferError, VBoxManageMissingError } from '../errors.js';
import type { VBoxAnswer } from '../parse/explain-failure.js';
import { call } from './call.js';
import { shellCommand } from '../../../remote-shell/shell-word.js';
import type { VBoxRunner } from './vbox-runner.js';

export interface SshRunnerOptions {
  /** `user@host`, or a name in the user's ssh config. */
  readonly destination: string;
  /** VBoxManage's path there; default: what its PATH finds. */
  readonly program?: string;
  /** Further arguments of ssh and scp, such as `-F <file>`. */
  readonly sshOptions?: readonly string[];
  /** Variables for VBoxManage on the other host. */
  readonly remoteEnv?: Readonly<Record<string, string>>;
}

/** ssh's own exit status for "the connection failed"; a command that ends with 255 itself cannot be told apart. */
const SSH_FAILED = 255;

/** A shell's exit status for "no such command". */
const NOT_FOUND = 127;

/**
 * VBoxManage of another host, the laptop that runs the VMs for example. It needs a POSIX shell there, a key that logs in
 * without asking, and room in its home folder for the appliance.
 */
export function sshRunner(options: SshRunnerOptions): VBoxRunner {
  const { destination, program = 'VBoxManage', sshOptions = [], remoteEnv = {} } = options;
  if (destination.startsWith('-'))
    throw new HypervisorHostError(`${destination} is not the name of a host`, { hint: 'Write it as user@host.' });
  const common = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', ...sshOptions];

  async function remote(argv: readonly string[], signal?: AbortSignal): Promise<VBoxAnswer> {
    const answer = await call('ssh', [...common, '-T', '--', destination, shellCommand(argv)], { signal });
    if (answer.exitCode === SSH_FAILED)
      throw new HypervisorHostError(`${destination} cannot be reached over SSH: ${answer.stderr.trim()}`, {
        hint: `Try it by hand: ssh ${destination} true. It must log in by a key, without asking.`,
      });
    return answer;
  }

  async function remoteText(argv: readonly string[], signal?: AbortSignal): Promise<string> {
    const answer = await remote(argv, signal);
    if (answer.exitCode !== 0)
      throw new HypervisorTransferError(`${argv[0] ?? ''} failed on ${destination}: ${answer.stderr.trim()}`, {
        hint: `Check the free space there: ssh ${destination} df -h .`,
      });
    return answer.stdout.trim();
  }

  async function folder(): Promise<string> {
    const home = await remoteText(['sh', '-c', 'printf %s "$HOME"']);
    await remoteText(['mkdir', '-p', '-m', '0700', `${home}/.build-machines`]);
    return `${home}/.build-machines`;
  }

  async function logFile(vm: string): Promise<string> {
    return `${await folder()}/${vm}.serial.log`;
  }

  return {
    where: `on ${destination}`,
    async run(args, { signal } = {}) {
      const variables = Object.entries(remoteEnv).map(([name, value]) => `${name}=${value}`);
      const answer = await remote(['env', ...variables, program, ...args], signal);
      if (answer.exitCode === NOT_FOUND) throw new VBoxManageMissingError(`as ${program} on ${destination}`);
      return answer;
    },
    async stage(file, { sha256, signal }) {
      // A name of its own: two imports at once must not meet in one file.
      const path = `${await folder()}/${randomBytes(4).toString('hex')}-${basename(file)}`;
      const release = async (): Promise<void> => {
        await remoteText(['rm', '-f', '--', path]);
      };
      try {
        // Since OpenSSH 9.0 scp speaks SFTP, which takes the path as it is; none of ours has a character that an older one would expand.
        await execa('scp', [...common, '-q', '--', file, `${destination}:${path}`], { cancelSignal: signal });
        const found = (await remoteText(['sha256sum', '--', path], signal)).split(' ')[0] ?? '';
        if (found !== sha256)
          throw new HypervisorTransferError(
            `${basename(file)} arrived damaged on ${destination}: its SHA-256 is ${found}, not ${sha256}`,
            { hint: 'Start the import again.' },
          );
        return { path, release };
      } catch (error) {
        await release();
        signal?.throwIfAborted();
        if (!(error instanceof ExecaError)) throw error;
        throw new HypervisorTransferError(
          `${basename(file)} could not be copied to ${destination}: ${String(error.stderr).trim()}`,
          { hint: `Check the free space there: ssh ${destination} df -h .`, cause: error },
        );
      }
    },
    serialLog: logFile,
    async readSerialLog(vm) {
      const file = await logFile(vm);
      return remoteText(['sh', '-c', '! [ -e "$1" ] || cat -- "$1"', 'sh', file]);
    },
    async removeSerialLog(vm) {
      await remoteText(['rm', '-f', '--', await logFile(vm)]);
    },
  };
}
