import type { AgentInfo } from '@build-machines/protocol';
import type { MachineLock } from '../lock/machine-lock.js';

/** Below this a build of a few packages with their dependencies does not fit, in bytes. */
const LEAST_SPACE_BYTES = 2 * 1024 ** 3;

/**
 * Whether the machine has every tool of the lock in exactly that version. Resolves to a description.
 * @throws Error naming all that are missing, with what is there instead.
 */
export function checkToolchains({ tools }: Pick<AgentInfo, 'tools'>, lock: MachineLock | null): string {
  if (lock === null || lock.toolchains.length === 0) {
    const ghc = tools.find(({ tool }) => tool === 'ghc');
    if (ghc === undefined) throw new Error('the machine has no GHC');
    return `no lock yet; the machine has GHC ${ghc.version}`;
  }
  const missing = lock.toolchains.flatMap(({ tool, version }) => {
    const present = tools.filter((found) => found.tool === tool).map((found) => found.version);
    if (present.includes(version)) return [];
    return [`${tool} ${version} (there: ${present.length === 0 ? 'none' : present.join(', ')})`];
  });
  if (missing.length > 0) throw new Error(`not as in machine.lock: ${missing.join('; ')}`);
  return lock.toolchains.map(({ tool, version }) => `${tool} ${version}`).join(', ');
}

/** Whether there is room to build. @throws Error where there is not. */
export function checkSpace({ diskFreeBytes }: Pick<AgentInfo, 'diskFreeBytes'>): string {
  const gib = (diskFreeBytes / 1024 ** 3).toFixed(1);
  if (diskFreeBytes < LEAST_SPACE_BYTES) throw new Error(`only ${gib} GiB are free`);
  return `${gib} GiB free`;
}
