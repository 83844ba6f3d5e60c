/** A version of VirtualBox, as numbers. */
export type VirtualBoxVersion = readonly [major: number, minor: number, patch: number];

/** Bridged networking, unattended import with `--vsys`, and `modifyvm --autostart-enabled` as we use them. */
export const OLDEST_VIRTUALBOX: VirtualBoxVersion = [7, 0, 0];

/**
 * Reads `VBoxManage --version`: `7.0.20r163906`, or with a distributor's mark `7.2.22_Debianr175245`. Lines before it are
 * skipped: without its driver, VirtualBox puts a warning of five lines on standard output first.
 */
export function parseVirtualBoxVersion(stdout: string): VirtualBoxVersion | undefined {
  for (const line of stdout.split(/\r?\n/)) {
    const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)(?:_\w+)?r\d+\s*$/.exec(line) ?? [];
    if (major !== undefined) return [Number(major), Number(minor), Number(patch)];
  }
  return undefined;
}

/** Whether `version` is {@link OLDEST_VIRTUALBOX} or later. */
export function isSupported(version: VirtualBoxVersion): boolean {
  for (const [index, part] of version.entries()) {
    const difference = part - (OLDEST_VIRTUALBOX[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
