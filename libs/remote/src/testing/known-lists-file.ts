import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { treeDigest, type TreeEntry } from '@build-machines/protocol';
import { rememberList } from '../workspace-state/known-lists.js';
import { workspaceState } from '../workspace-state/workspace-state.js';

/** The belief about machine "box", taken now, for a test to falsify. */
export function knownListsText(root: string) {
  const state = workspaceState(root);
  const file = state.knownListsFile('box');
  const text = readFileSync(file, 'utf8');
  return {
    restore: () => writeFile(file, text),
    corrupt: () => writeFile(file, text.slice(0, text.length / 2)),
    /** Makes it believe that the machine remembers a list that it does not. */
    async believe(entries: readonly TreeEntry[]) {
      const digest = treeDigest(entries);
      await rememberList(state, 'other', '00000000-0000-4000-8000-000000000000', 'other', { digest, entries });
      const known = JSON.parse(readFileSync(file, 'utf8')) as { lists: { label: string; digest: string }[] };
      await writeFile(file, JSON.stringify({ ...known, lists: known.lists.map((list) => ({ ...list, digest })) }));
    },
  };
}
