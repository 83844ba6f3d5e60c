import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { hasErrorCode, readIfPresent } from '../../../disk/missing.js';
import { ensurePrivateFolder } from '../../../disk/private-folder.js';
import { VBoxManageMissingError } from '../errors.js';
import { call } from './call.js';
import type { VBoxRunner } from './vbox-runner.js';

export interface LocalRunnerOptions {
  /** Default: `VBoxManage` on PATH. */
  readonly program?: string;
  /** Folder for the serial logs of VMs. */
  readonly logFolder: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** VBoxManage of this computer. */
export function localRunner({ program = 'VBoxManage', logFolder, env }: LocalRunnerOptions): VBoxRunner {
  const logFile = (vm: string): string => join(logFolder, `${vm}.serial.log`);
  return {
    where: 'on this computer',
    async run(args, options = {}) {
      try {
        return await call(program, args, { env, signal: options.signal });
      } catch (error) {
        if (hasErrorCode(error, 'ENOENT')) throw new VBoxManageMissingError(`as ${program} on this computer`, error);
        throw error;
      }
    },
    // It reads the file where it is.
    stage: (file) => Promise.resolve({ path: file, release: () => Promise.resolve() }),
    async serialLog(vm) {
      await ensurePrivateFolder(logFolder);
      return logFile(vm);
    },
    readSerialLog: async (vm) => (await readIfPresent(logFile(vm))) ?? '',
    removeSerialLog: (vm) => removeFile(logFile(vm)),
  };
}
