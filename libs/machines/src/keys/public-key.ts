import { createHash } from 'node:crypto';
import { PublicKeyError } from './errors.js';

/** An OpenSSH public key: its type, its base64 blob, and what a person wrote behind it. */
export interface PublicKey {
  readonly type: string;
  readonly blob: string;
  readonly comment: string;
}

const SHAPE =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) ([A-Za-z0-9+/]+={0,2})(?: (.*))?$/;

/**
 * Parses one public-key line as ssh-keygen writes it (`type base64 comment`; options are not accepted). The type inside
 * the blob must be the one before it (RFC 4253, 6.6).
 * @param origin where the text came from, for the error.
 * @throws PublicKeyError
 */
export function parsePublicKey(text: string, origin: string): PublicKey {
  const [, type, blob, comment = ''] = SHAPE.exec(text.trim()) ?? [];
  if (type === undefined || blob === undefined || innerType(blob) !== type)
    throw new PublicKeyError(`${origin} does not hold an OpenSSH public key`, {
      hint: 'A public key is one line such as "ssh-ed25519 AAAA… comment"; give the file that ends in .pub.',
    });
  return { type, blob, comment };
}

function innerType(blob: string): string | undefined {
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  return bytes.length < 4 + length ? undefined : bytes.toString('latin1', 4, 4 + length);
}

/** The key as `type base64`, without comment: how host keys are pinned and compared. */
export function publicKeyText({ type, blob }: Pick<PublicKey, 'type' | 'blob'>): string {
  return `${type} ${blob}`;
}

/** Fingerprint as OpenSSH shows it: `SHA256:` and unpadded base64. */
export function fingerprint({ blob }: Pick<PublicKey, 'blob'>): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
