import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Sha256 } from '@build-machines/protocol';

const Download = z.strictObject({ url: z.url(), sha256: Sha256 });

/** packer/pins.json: every download that is not from a signed package archive, with its digest. */
export const Pins = z.strictObject({
  ubuntu: z.strictObject({
    isoUrls: z.array(z.url()).min(1),
    isoChecksum: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  }),
  ghcup: z.strictObject({
    version: z.string(),
    x86_64: Download,
    aarch64: Download,
    metadata: Download.describe('Holds the digests of all compilers; pinned to a commit.'),
  }),
});
export type Pins = z.infer<typeof Pins>;

export async function readPins(file: string): Promise<Pins> {
  return Pins.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** The pins that provisioning needs, as shell assignments. URLs and digests need no quoting, by their schema. */
export function renderPinsEnv({ ghcup }: Pins): string {
  return Object.entries({
    GHCUP_X86_64_URL: ghcup.x86_64.url,
    GHCUP_X86_64_SHA256: ghcup.x86_64.sha256,
    GHCUP_AARCH64_URL: ghcup.aarch64.url,
    GHCUP_AARCH64_SHA256: ghcup.aarch64.sha256,
    GHCUP_METADATA_URL: ghcup.metadata.url,
    GHCUP_METADATA_SHA256: ghcup.metadata.sha256,
  })
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}
