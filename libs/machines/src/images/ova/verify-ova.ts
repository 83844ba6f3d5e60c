import { createHash } from 'node:crypto';
import { OvaMalformedError, OvaTamperedError } from './errors.js';
import { parseManifest } from './manifest.js';
import { listOvaMembers, type OvaMember } from './members.js';
import { readOvf, type OvfFacts } from './ovf.js';
import { openMember, readMember } from './read-member.js';

/** An OVA that can be imported. */
export interface VerifiedOva {
  readonly members: readonly OvaMember[];
  /** The streamOptimized VMDK that holds the system. */
  readonly disk: OvaMember;
  readonly ovf: OvfFacts;
}

/**
 * Reads an OVA's structure and checks every digest of its manifest (where it has one) before anything is made from it.
 * @param options.digests false leaves the manifest alone, for a file whose digest as a whole is known.
 * @param options.onProgress bytes hashed so far, and in all.
 * @throws OvaMalformedError, OvaPaxError, OvaTruncatedError, OvaTamperedError
 */
export async function verifyOva(
  file: string,
  options: { digests?: boolean; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<VerifiedOva> {
  const members = await listOvaMembers(file);
  const ovfMember = members.find(({ name }) => name.endsWith('.ovf'));
  if (ovfMember === undefined) throw new OvaMalformedError(file, 'it does not contain an .ovf file');
  const ovf = readOvf((await readMember(file, ovfMember)).toString('utf8'));
  const disk = members.find(({ name }) => name === ovf.files[0]);
  if (disk === undefined)
    throw new OvaMalformedError(file, `its .ovf names the disk ${ovf.files[0] ?? '(none)'}, which is not in it`);
  if (options.digests !== false) await checkManifest(file, members, options);
  return { members, disk, ovf };
}

async function checkManifest(
  file: string,
  members: readonly OvaMember[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
): Promise<void> {
  const manifest = members.find(({ name }) => name.endsWith('.mf'));
  if (manifest === undefined) return;
  const entries = parseManifest((await readMember(file, manifest)).toString('utf8'));
  const listed = entries.map((entry) => ({ entry, member: members.find(({ name }) => name === entry.file) }));
  const total = listed.reduce((sum, { member }) => sum + (member?.size ?? 0), 0);
  let done = 0;
  for (const { entry, member } of listed) {
    if (member === undefined) throw new OvaMalformedError(file, `its manifest lists ${entry.file}, which is not in it`);
    const hash = createHash(entry.algorithm);
    for await (const chunk of openMember(file, member)) {
      signal?.throwIfAborted();
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      onProgress?.(done, total);
    }
    const found = hash.digest('hex');
    if (found !== entry.digest) throw new OvaTamperedError(file, entry.file, entry.digest, found);
  }
}
