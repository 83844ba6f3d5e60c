import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.js';
import { copyInto, writeTree, type Workspace } from './workspace.js';

/** The example of this repository, as a user would copy it: sources only. */
export function copyExample(workspace: Workspace): void {
  for (const entry of ['cabal.project', 'embed-text', 'banner', 'randomart', 'greetings', 'hello-haskell'])
    copyInto(workspace, join(repository, 'examples/hello-haskell', entry), entry);
}

/** Replaces text in a file of a workspace. Fails when the text is not there: the edit would be none. */
export function edit(workspace: Workspace, path: string, from: string, to: string): void {
  const text = readFileSync(join(workspace.root, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`);
  writeTree(workspace, { [path]: text.replace(from, to) });
}
