import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new secret: 256 random bits, with a prefix by which secret scanners can know it. */
export function newSecret(): string {
  return `bmh_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a secret. Secrets are random, not passwords, so a plain SHA-256 suffices. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** Compares two hashes in time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}
