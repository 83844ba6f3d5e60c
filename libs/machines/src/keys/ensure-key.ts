import { link, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { execa, ExecaError } from 'execa';
import { hasErrorCode, readIfPresent } from '../disk/missing.js';
import { ensurePrivateFolder } from '../disk/private-folder.js';
import { writeAside } from '../disk/write-aside.js';
import { KeyFileError, ProgramMissingError } from './errors.js';
import { parsePublicKey, type PublicKey } from './public-key.js';

/** A key pair on disk. */
export interface KeyPair {
  /** Path of the private key (OpenSSH format, 0600, no passphrase); the public one is beside it with `.pub`. */
  readonly privateKeyFile: string;
  readonly publicKey: PublicKey;
}

/**
 * The ed25519 key pair at `privateKeyFile`, made where there is none. A private key that exists is never overwritten;
 * a public half that was lost is derived from it again. Safe against other processes that do the same.
 * @throws ProgramMissingError without ssh-keygen, KeyFileError when the key that exists cannot be read.
 */
export async function ensureKey(privateKeyFile: string, comment: string): Promise<KeyPair> {
  await ensurePrivateFolder(dirname(privateKeyFile));
  if ((await readIfPresent(privateKeyFile)) === undefined) await generate(privateKeyFile, comment);
  return readKey(privateKeyFile);
}

/** Reads a key pair that must exist; the public half is derived where its file is missing. */
export async function readKey(privateKeyFile: string): Promise<KeyPair> {
  const publicFile = `${privateKeyFile}.pub`;
  const text = (await readIfPresent(publicFile)) ?? (await derivePublic(privateKeyFile));
  return { privateKeyFile, publicKey: parsePublicKey(text, publicFile) };
}

async function generate(privateKeyFile: string, comment: string): Promise<void> {
  const folder = await makeTemporaryFolder(join(dirname(privateKeyFile), '.key-'));
  try {
    const made = join(folder, 'key');
    await sshKeygen(['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', made]);
    try {
      // link() fails where the name exists: whoever was first wins, and nothing is ever overwritten.
      await link(made, privateKeyFile);
      await writeAside(`${privateKeyFile}.pub`, await readFile(`${made}.pub`), 0o644);
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    }
  } finally {
    await removeTemporaryFolder(folder);
  }
}

async function derivePublic(privateKeyFile: string): Promise<string> {
  try {
    const text = await sshKeygen(['-y', '-P', '', '-f', privateKeyFile]);
    await writeAside(`${privateKeyFile}.pub`, `${text.trim()}\n`, 0o644);
    return text;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new KeyFileError(`the private key ${privateKeyFile} cannot be read: ${String(error.stderr).trim()}`, {
      hint: 'It must be an OpenSSH key without a passphrase that only you can read (chmod 600). Move it away to have a new one made.',
      cause: error,
    });
  }
}

async function sshKeygen(args: string[]): Promise<string> {
  try {
    return (await execa('ssh-keygen', args, { stdin: 'ignore' })).stdout;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) throw new ProgramMissingError('ssh-keygen', 'openssh-client', error);
    throw error;
  }
}
