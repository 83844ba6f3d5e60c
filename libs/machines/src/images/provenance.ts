import { z } from 'zod';
import { Sha256 } from '@build-machines/protocol';

/** What an image was made from and holds: `<image>.json` beside it. Holds no secret. */
export const ImageProvenance = z.object({
  version: z.literal(1),
  name: z.string(),
  file: z.string().describe('Name of the image file in the same folder.'),
  sha256: Sha256,
  sizeBytes: z.number(),
  builtAt: z.iso.datetime(),
  inputs: z.object({
    templates: Sha256,
    scripts: Sha256,
    units: Sha256,
    agent: Sha256,
    pins: Sha256,
    variables: Sha256,
    all: Sha256,
  }),
  base: z.object({
    source: z.enum(['virtualbox-iso', 'qemu-iso', 'qemu-disk-image']),
    from: z.array(z.string()).describe('URLs or path of the installer or disk.'),
    checksum: z.string(),
  }),
  system: z.object({ os: z.string(), arch: z.string() }),
  toolchains: z.array(z.object({ tool: z.string(), version: z.string() })),
  packages: z
    .number()
    .int()
    .describe('How many packages of the distribution it holds; the bill of materials lists them.'),
  resources: z.object({ cpus: z.number(), memoryMiB: z.number(), diskGiB: z.number() }),
  packer: z.string(),
  git: z.object({ revision: z.string(), dirty: z.boolean() }).nullable(),
});
export type ImageProvenance = z.infer<typeof ImageProvenance>;
