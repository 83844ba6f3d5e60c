import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { workspaceState } from '../workspace-state/workspace-state.js';

export function sha(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The belief about machine "box", taken now, for a test to falsify. */
export function knownMachineText(root: string) {
  const file = workspaceState(root).knownManifestFile('box');
  const text = readFileSync(file, 'utf8');
  return {
    restore: () => writeFile(file, text),
    corrupt: () => writeFile(file, text.slice(0, text.length / 2)),
    /** Makes it believe that a content is there that is not. */
    believe({ path, content }: { path: string; content: string }) {
      const known = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
      known.entries.push({
        kind: 'file',
        path: `${path}.other`,
        size: content.length,
        sha256: sha(content),
        mode: 0o644,
      });
      return writeFile(file, JSON.stringify(known));
    },
  };
}
