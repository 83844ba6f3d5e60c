import { randomInt } from 'node:crypto';
import { execa } from 'execa';
import { hasErrorCode } from '../disk/missing.js';
import { ImageBuildPreflightError } from './packer/errors.js';

/** Without 0, 1, l, o: it may have to be typed at a console. 32 letters give 5 bits each. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** 100 bits: cannot be guessed over SSH in the image's life, and can be typed. */
const LENGTH = 20;

/** Makes the temporary password of one image, such as `k7bq4-m2xwp-9dhsn-ejrtv`. */
export function makeOneTimePassword(random: (below: number) => number = (below) => randomInt(below)): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[random(LETTERS.length)]);
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-');
}

/** The hash of a password as /etc/shadow holds it (SHA-512 crypt). The password goes to openssl by its standard input. */
export async function hashPassword(password: string, signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await execa('openssl', ['passwd', '-6', '-stdin'], { input: password, cancelSignal: signal });
    return stdout.trim();
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    throw new ImageBuildPreflightError('openssl, which hashes the image’s temporary password, is not installed', {
      hint: 'Run: sudo apt-get install openssl',
      cause: error,
    });
  }
}
