import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from './file-digest.js';

/** Digest of one group of files: names and contents, in an order that does not depend on the file system. */
export async function folderDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(JSON.stringify([file, await sha256OfFile(join(folder, file))])).update('\n');
  return hash.digest('hex');
}

/** All that decides what is in an image. */
export interface ImageInputs {
  /** Folder with the HCL templates. */
  readonly templates: string;
  /** Folder with the provisioning scripts. */
  readonly scripts: string;
  /** Folder with the systemd units. */
  readonly units: string;
  readonly agentBundle: string;
  /** packer/pins.json. */
  readonly pins: string;
  /** What the templates are told; order does not matter. Holds no secret. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Digests of the parts, for the provenance, and of the whole, for caching: same digest, same image. */
export interface ImageInputDigests {
  readonly templates: string;
  readonly scripts: string;
  readonly units: string;
  readonly agent: string;
  readonly pins: string;
  readonly variables: string;
  readonly all: string;
}

/** Digests what decides the content of an image. The date and the one-time password are not among it. */
export async function imageInputsDigest(inputs: ImageInputs): Promise<ImageInputDigests> {
  const variables = Object.entries(inputs.variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = {
    templates: await folderDigest(inputs.templates),
    scripts: await folderDigest(inputs.scripts),
    units: await folderDigest(inputs.units),
    agent: await sha256OfFile(inputs.agentBundle),
    pins: await sha256OfFile(inputs.pins),
    variables: createHash('sha256').update(JSON.stringify(variables)).digest('hex'),
  };
  return { ...parts, all: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}
