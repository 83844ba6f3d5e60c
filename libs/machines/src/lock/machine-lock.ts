import { ExactVersion, Sha256, ToolName } from '@build-machines/protocol';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { readIfPresent } from '../disk/missing.js';
import { writeAside } from '../disk/write-aside.js';
import { parseYaml } from '../yaml-files/parse-yaml.js';

/**
 * What a machine's results depend on, as a file that is committed and hashed by Nx: see
 * docs/decisions/0004-toolchain-from-the-lock.md. One entry a tool: the version that a run gets which asks for none.
 */
export const MachineLock = z.strictObject({
  version: z.literal(1),
  os: z.string(),
  arch: z.string(),
  toolchains: z.array(z.strictObject({ tool: ToolName, version: ExactVersion })),
  image: z.strictObject({ sha256: Sha256 }).optional().describe('Image that the machine was made from.'),
});
export type MachineLock = z.infer<typeof MachineLock>;

/** Name of the file, beside machine.yml. */
export const MACHINE_LOCK = 'machine.lock';

const HEADING = `# Written by \`nx run <machine>:up\`; commit it. It is an input of every remote target: a change of the machine's
# toolchain is a change of this file, and makes the targets run again.
`;

/**
 * Reads the lock of a machine.
 * @param folder absolute path of the folder of machine.yml.
 * @returns null when the machine was never up.
 * @throws YamlFileError when it is not one (merged by hand, for example); deleting it is safe.
 */
export async function readMachineLock(folder: string): Promise<MachineLock | null> {
  const file = join(folder, MACHINE_LOCK);
  const text = await readIfPresent(file);
  return text === undefined ? null : parseYaml(file, text, MachineLock).value;
}

/**
 * Writes the lock if it differs from what is there.
 * @returns whether it did.
 */
export async function writeMachineLock(folder: string, lock: MachineLock): Promise<boolean> {
  const file = join(folder, MACHINE_LOCK);
  const text = machineLockText(lock);
  if ((await readIfPresent(file)) === text) return false;
  await writeAside(file, text, 0o644, { flush: false });
  return true;
}

/** The text of a lock: the same for the same content, whatever order the tools came in. */
export function machineLockText(lock: MachineLock): string {
  const { version, os, arch, image } = lock;
  const toolchains = [...lock.toolchains].sort((a, b) => (a.tool < b.tool ? -1 : 1));
  return HEADING + stringify({ version, os, arch, toolchains, image }, { keepUndefined: false });
}
