import { execa, ExecaError } from 'execa';
import { hasErrorCode } from '../../disk/missing.js';
import { PackerMissingError, PackerTooOldError } from './errors.js';

/** A version as numbers, so that 1.10 is more than 1.9. */
export type PackerVersion = readonly [major: number, minor: number, patch: number];

/**
 * The oldest version that works. It has its builders built in and knows no `required_plugins`; what users get from
 * HashiCorp's repository is 1.10 or later, which fetches them by `packer init`.
 */
export const OLDEST_PACKER: PackerVersion = [1, 6, 6];

/** Reads the output of `packer version`: `Packer v1.11.2`, perhaps followed by a notice that a newer one exists. */
export function parsePackerVersion(output: string): PackerVersion | undefined {
  const [, major, minor, patch] = /^Packer v(\d+)\.(\d+)\.(\d+)/m.exec(output) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Whether `packer init` exists and the plugins block is understood. */
export function fetchesPlugins([major, minor]: PackerVersion): boolean {
  return major > 1 || minor >= 7;
}

/** Whether `version` is `other` or later. */
export function isAtLeast(version: PackerVersion, other: PackerVersion): boolean {
  for (const [index, part] of version.entries()) {
    const difference = part - (other[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * The installed Packer's version.
 * @throws PackerMissingError, PackerTooOldError
 */
export async function findPacker(
  command: string,
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<PackerVersion> {
  try {
    const { stdout } = await execa(command, ['version'], { env, stdin: 'ignore', cancelSignal: signal });
    const version = parsePackerVersion(stdout);
    if (version === undefined) throw new PackerMissingError(command, stdout.trim());
    if (!isAtLeast(version, OLDEST_PACKER)) throw new PackerTooOldError(version.join('.'), OLDEST_PACKER.join('.'));
    return version;
  } catch (error) {
    // Red Hat's cracklib has a program of the same name, which fails on this argument.
    if (hasErrorCode(error, 'ENOENT') || error instanceof ExecaError)
      throw new PackerMissingError(command, error instanceof ExecaError ? error.shortMessage : '', error);
    throw error;
  }
}
