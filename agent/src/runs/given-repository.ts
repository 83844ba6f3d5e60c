import { removeTree } from '@build-machines/owned-files';
import { join } from 'node:path';

/**
 * Removes the git repository that an earlier command of a mirror was given, or made: to a program that asks git, it would
 * tell of another commit, and no input of the next command says so. A client never sends one.
 */
export async function removeGivenRepository(mirrorRoot: string): Promise<void> {
  await removeTree(join(mirrorRoot, '.git'));
}
