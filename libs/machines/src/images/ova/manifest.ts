/** A line of an OVF manifest (DSP0243 2.1.1, section 7): the digest of one file. */
export interface ManifestEntry {
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly file: string;
  readonly digest: string;
}

/** Renders a manifest with SHA-256 digests. */
export function renderManifest(digests: Readonly<Record<string, string>>): string {
  return Object.entries(digests)
    .map(([file, digest]) => `SHA256 (${file}) = ${digest}\n`)
    .join('');
}

/** Reads a manifest; lines in another form are left out. VirtualBox writes SHA1 for OVF 1.0 and SHA256 for OVF 2.0. */
export function parseManifest(text: string): readonly ManifestEntry[] {
  return [...text.matchAll(/^(SHA1|SHA256|SHA512) ?\((.+)\) ?= ?([0-9a-fA-F]+)\s*$/gm)].map(
    ([, algorithm = '', file = '', digest = '']) => ({
      algorithm: algorithm.toLowerCase() as ManifestEntry['algorithm'],
      file,
      digest: digest.toLowerCase(),
    }),
  );
}
