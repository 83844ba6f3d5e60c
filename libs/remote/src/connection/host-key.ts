import { createHash, timingSafeEqual } from 'node:crypto';

/** A public host key, as pinned in an access record. */
export interface PinnedHostKey {
  /** Key type as in `ssh-ed25519 AAAA…`. */
  readonly type: string;
  readonly blob: Buffer;
}

/**
 * Reads `ssh-ed25519 AAAA… [comment]`.
 * @throws TypeError when it is not a public key: an access record that we did not write.
 */
export function parseHostKey(line: string): PinnedHostKey {
  const [type, base64] = line.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) throw new TypeError(`not a public host key: "${line}"`);
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 4 || keyType(blob) !== type) throw new TypeError(`not a public host key of type ${type}`);
  return { type, blob };
}

/** Whether the key that a server proved is the pinned one, byte by byte. */
export function isPinnedKey(pinned: PinnedHostKey, presented: Buffer): boolean {
  return pinned.blob.length === presented.length && timingSafeEqual(pinned.blob, presented);
}

/** The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/**
 * The signature algorithms that go with the pinned key's type. Only these are offered, so that a server that has
 * several host keys proves the pinned one (RFC 8332 for RSA).
 */
export function hostKeyAlgorithms(type: string): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}

function keyType(blob: Buffer): string {
  const length = blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString('latin1');
}
