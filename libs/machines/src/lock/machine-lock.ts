import { ExactVersion, MachineTraits, Sha256, ToolName, traitsDigest } from '@build-machines/protocol';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { LoadedMachine } from '../definitions/load.js';
import { readIfPresent } from '../disk/missing.js';
import { writeAside } from '../disk/write-aside.js';
import type { StateFolder } from '../state/state-folder.js';
import { parseYaml } from '../yaml-files/parse-yaml.js';
import { MachineLockMixedError } from './errors.js';

/**
 * What a machine's results depend on, as a file: see docs/decisions/0004-toolchain-from-the-lock.md and
 * 0080-a-machine-is-its-traits.md. `toolchains` has one entry a tool: the version that a run gets which asks for none.
 */
export const MachineLock = z.strictObject({
  // 1 is what releases before the traits wrote.
  version: z.union([z.literal(1), z.literal(2)]),
  os: z.string(),
  arch: z.string(),
  toolchains: z.array(z.strictObject({ tool: ToolName, version: ExactVersion })),
  image: z.strictObject({ sha256: Sha256 }).optional().describe('Image that the machine was made from.'),
  digest: Sha256.optional().describe('Digest of the traits.'),
  traits: MachineTraits.optional().describe('What a build can see of the machine.'),
});
export type MachineLock = z.infer<typeof MachineLock>;

/** Name of the file. */
export const MACHINE_LOCK = 'machine.lock';

const COMMITTED = `# Written by \`nx run <machine>:up\`; commit it. It says what a build can see of the machine, and is part of the hash of
# every remote target that may run there. A machine that is not as it says builds nothing until \`up\` has written it anew.
`;
const LOCAL = `# Written by \`nx run <machine>:up\`: what a build can see of this computer. It belongs to this computer alone.
`;

type Located = Pick<LoadedMachine, 'folder'> & {
  readonly definition: Pick<LoadedMachine['definition'], 'name' | 'provider'>;
};

/**
 * The file of a machine's lock. It lies beside machine.yml, to be committed: all who use the machine see the same
 * compiler. A sandbox is another machine on each computer, so its lock is in the state folder: committed, two developers
 * with different compilers would rewrite it for each other.
 */
export function machineLockFile({ folder, definition: { name, provider } }: Located, state: StateFolder): string {
  return join(provider === 'sandbox' ? state.sandbox(name) : folder, MACHINE_LOCK);
}

/**
 * Reads the lock of a machine.
 * @returns null when the machine was never up.
 * @throws YamlFileError when it is not one (merged by hand, for example), MachineLockMixedError when it is that of two
 * machines; `up` writes it anew.
 */
export async function readMachineLock(machine: Located, state: StateFolder): Promise<MachineLock | null> {
  const file = machineLockFile(machine, state);
  const text = await readIfPresent(file);
  if (text === undefined) return null;
  const lock = parseYaml(file, text, MachineLock).value;
  if (lock.traits !== undefined && lock.digest !== digestOf(lock.traits))
    throw new MachineLockMixedError(file, machine.definition.name);
  return lock;
}

/**
 * Writes the lock if it differs from what is there.
 * @returns whether it did.
 */
export async function writeMachineLock(machine: Located, state: StateFolder, lock: MachineLock): Promise<boolean> {
  const file = machineLockFile(machine, state);
  const text = (machine.definition.provider === 'sandbox' ? LOCAL : COMMITTED) + machineLockText(lock);
  if ((await readIfPresent(file)) === text) return false;
  await writeAside(file, text, 0o644, { flush: false });
  return true;
}

/** The text of a lock: the same for the same content, whatever order its parts came in. */
function machineLockText({ os, arch, image, toolchains, traits }: MachineLock): string {
  const tools = [...toolchains].sort((a, b) => (a.tool < b.tool ? -1 : 1));
  const seen = traits === undefined ? {} : { digest: digestOf(traits), traits: MachineTraits.parse(sorted(traits)) };
  return stringify({ version: 2, os, arch, toolchains: tools, image, ...seen }, { keepUndefined: false, lineWidth: 0 });
}

/** Digest of all traits of a machine. A run's own covers those that it sees; this one shows a file that was merged. */
function digestOf({ system, ghc, cabal }: MachineTraits): string {
  const tools = (kind: string, versions: MachineTraits['ghc']): [string, string][] =>
    Object.entries(versions).map(([version, parts]) => [`${kind} ${version}`, traitsDigest(parts)]);
  return traitsDigest({
    system: traitsDigest(system),
    ...Object.fromEntries([...tools('ghc', ghc), ...tools('cabal', cabal)]),
  });
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
