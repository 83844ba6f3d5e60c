import type { VBoxAnswer } from '../parse/explain-failure.js';

/**
 * Where VBoxManage runs: on this computer, on Windows around a WSL2, or on another host over SSH. Arguments are never
 * seen by a shell, or are quoted for it one by one. A call that fails is an answer like any other; only what keeps
 * VBoxManage from being called at all is thrown.
 */
export interface VBoxRunner {
  /** For messages: `on this computer`, `on laptop.lan`. */
  readonly where: string;
  /** Calls VBoxManage. Carriage returns are taken out of its output. @throws VBoxManageMissingError, HypervisorHostError */
  run(args: readonly string[], options?: { signal?: AbortSignal }): Promise<VBoxAnswer>;
  /**
   * Makes a file of this computer readable for VBoxManage, copied and its digest compared where it has to be.
   * @returns the path as VBoxManage knows it. `release` removes a copy.
   * @throws HypervisorTransferError
   */
  stage(
    file: string,
    options: { sha256: string; signal?: AbortSignal },
  ): Promise<{ path: string; release(): Promise<void> }>;
  /** A path, as VBoxManage knows it, for the serial log of a VM. Its folder exists. */
  serialLog(vm: string): Promise<string>;
  /** What stands in that file; empty where there is none yet. */
  readSerialLog(vm: string): Promise<string>;
  /** Removes that file: what another VM of the name said must not be taken for the word of a new one. */
  removeSerialLog(vm: string): Promise<void>;
}
