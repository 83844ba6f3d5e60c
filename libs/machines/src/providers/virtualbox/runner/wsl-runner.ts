import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { copyToOwn, expectTree, removeFile } from '@build-machines/owned-files';
import { hasErrorCode, readIfPresent } from '../../../disk/missing.js';
import { ensurePrivateFolder } from '../../../disk/private-folder.js';
import { sha256OfFile } from '../../../images/file-digest.js';
import { HypervisorTransferError, VBoxManageMissingError } from '../errors.js';
import { call } from './call.js';
import type { VBoxRunner } from './vbox-runner.js';

export interface WslRunnerOptions {
  /** VBoxManage.exe, as WSL sees it. */
  readonly program?: string;
  /** Where Windows's drives are mounted; `/mnt` unless /etc/wsl.conf says otherwise. */
  readonly drives?: string;
  /** A folder on a Windows drive for appliances and logs, as WSL sees it; default: in the Windows user's LocalAppData. */
  readonly stagingFolder?: string;
  /** Default: `wslpath` and `cmd.exe` on PATH. */
  readonly programs?: { readonly wslpath: string; readonly cmd: string };
}

const INSTALLED = 'c/Program Files/Oracle/VirtualBox/VBoxManage.exe';

/**
 * VirtualBox of the Windows around this WSL2. Four things that fail there are kept away from it: relative paths (it starts
 * in C:\Windows\System32), paths of the Linux file system (it cannot open \\wsl$), carriage returns, and a shell.
 */
export function wslRunner(options: WslRunnerOptions = {}): VBoxRunner {
  const { drives = '/mnt', programs = { wslpath: 'wslpath', cmd: 'cmd.exe' } } = options;
  const program = options.program ?? join(drives, INSTALLED);
  const cwd = join(drives, 'c');

  async function text(name: string, args: readonly string[]): Promise<string> {
    const answer = await call(name, args, { cwd });
    if (answer.exitCode !== 0)
      throw new HypervisorTransferError(`${name} failed: ${answer.stderr.trim() || answer.stdout.trim()}`, {
        hint: 'This is WSL’s own program; check that Windows programs can be started: cmd.exe /c ver',
      });
    return answer.stdout.trim();
  }

  // wslpath fails for a file that does not exist yet, so its folder is translated and the name put behind it.
  async function windowsPath(path: string): Promise<string> {
    const folder = await text(programs.wslpath, ['-w', dirname(path)]);
    return `${folder.replace(/\\$/, '')}\\${basename(path)}`;
  }

  async function stagingFolder(): Promise<string> {
    const folder =
      options.stagingFolder ??
      join(
        await text(programs.wslpath, ['-u', await text(programs.cmd, ['/d', '/c', 'echo %LOCALAPPDATA%'])]),
        'build-machines',
      );
    expectTree(folder, { madeFor: 'virtual machines', isFormer: (name) => /\.(serial\.log|ova)$/.test(name) });
    await ensurePrivateFolder(folder);
    return folder;
  }

  async function logFile(vm: string): Promise<string> {
    return join(await stagingFolder(), `${vm}.serial.log`);
  }

  return {
    where: 'on the Windows around this WSL',
    async run(args, { signal } = {}) {
      try {
        return await call(program, args, { cwd, signal });
      } catch (error) {
        if (hasErrorCode(error, 'ENOENT')) throw new VBoxManageMissingError(`as ${program}`, error);
        throw error;
      }
    },
    async stage(file, { sha256, signal }) {
      // On a Windows drive already: VirtualBox can read it there.
      if (file.startsWith(`${drives}/`)) return { path: await windowsPath(file), release: () => Promise.resolve() };
      const copy = join(await stagingFolder(), `${randomBytes(4).toString('hex')}-${basename(file)}`);
      const release = (): Promise<void> => removeFile(copy);
      try {
        await copyToOwn(file, copy);
        const found = await sha256OfFile(copy, { signal });
        if (found !== sha256)
          throw new HypervisorTransferError(`${copy} was damaged on its way: its SHA-256 is ${found}, not ${sha256}`, {
            hint: 'Start the import again.',
          });
        return { path: await windowsPath(copy), release };
      } catch (error) {
        await release();
        if (!hasErrorCode(error, 'ENOSPC')) throw error;
        throw new HypervisorTransferError(`There is no room for ${basename(file)} in ${dirname(copy)}`, {
          hint: 'Make room on that drive.',
          cause: error,
        });
      }
    },
    serialLog: async (vm) => windowsPath(await logFile(vm)),
    readSerialLog: async (vm) => (await readIfPresent(await logFile(vm))) ?? '',
    removeSerialLog: async (vm) => removeFile(await logFile(vm)),
  };
}
