import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyToOwn, copyTreeToOwn, removeFile } from '@build-machines/owned-files';
import type { ImageAssets } from './assets.js';
import { readPins, renderPinsEnv } from './pins.js';

/** The folder that one Packer run works in. */
export interface StagedBuild {
  /** What Packer is started on. */
  readonly templates: string;
  readonly payload: string;
  /** Receives the list of what is in the image. */
  readonly report: string;
  /** user-data and meta-data, for the CIDATA cd. */
  readonly seedFiles: readonly string[];
  /** Does not exist: Packer wants to create it. */
  readonly output: string;
  readonly serialLog: string;
}

export interface StageOptions {
  readonly folder: string;
  readonly assets: ImageAssets;
  readonly name: string;
  readonly passwordHash: string;
  readonly seed: 'autoinstall' | 'cloud-image' | 'none';
  /** Whether this Packer understands plugins.pkr.hcl. */
  readonly withPlugins: boolean;
}

/** Copies templates and scripts, and writes what differs from image to image. Only the owner may enter the folder. */
export async function stageBuild(options: StageOptions): Promise<StagedBuild> {
  const { folder, assets, passwordHash, seed, withPlugins } = options;
  const staged = {
    templates: join(folder, 'packer', 'haskell'),
    payload: join(folder, 'payload'),
    report: join(folder, 'report.txt'),
    output: join(folder, 'output'),
    serialLog: join(folder, 'serial.log'),
  };
  await copyTreeToOwn(assets.templates, staged.templates);
  await copyTreeToOwn(assets.scripts, join(folder, 'packer', 'scripts'));
  if (!withPlugins) await removeFile(join(staged.templates, 'plugins.pkr.hcl'));
  for (const made of [join(staged.payload, 'agent'), join(folder, 'seed')])
    await mkdir(made, { recursive: true, mode: 0o700 });
  await copyToOwn(assets.agentBundle, join(staged.payload, 'agent', 'build-agent.cjs'));
  await copyTreeToOwn(assets.units, join(staged.payload, 'systemd'));
  await writeFile(join(staged.payload, 'pins.env'), renderPinsEnv(await readPins(assets.pins)));
  await writeFile(join(staged.payload, 'one-time-password.hash'), `${passwordHash}\n`, { mode: 0o600 });
  return { ...staged, seedFiles: seed === 'none' ? [] : await writeSeed(options, staged.templates) };
}

async function writeSeed({ folder, seed, name, passwordHash }: StageOptions, templates: string): Promise<string[]> {
  const template = seed === 'autoinstall' ? 'user-data.template' : 'cloud-image-user-data.template';
  const text = await readFile(join(templates, 'autoinstall', template), 'utf8');
  const files = { 'user-data': join(folder, 'seed', 'user-data'), 'meta-data': join(folder, 'seed', 'meta-data') };
  // A replacer function, because a hash holds `$`, which replacement strings give a meaning.
  const filled = text.replaceAll('@HOSTNAME@', () => name).replaceAll('@PASSWORD_HASH@', () => passwordHash);
  await writeFile(files['user-data'], filled, { mode: 0o600 });
  await writeFile(files['meta-data'], `instance-id: ${name}\nlocal-hostname: ${name}\n`);
  return Object.values(files);
}
