import { count } from '../../../haskell-task/run-console.js';
import { type OwnMetadata, ownMetadata } from '../../../graph/nx/problem-metadata.js';
import type { Check, Finding } from '../check.js';

/** Names every Haskell package and machine whose files cannot be read: their own tasks report it, and no other command. */
export const packages: Check = {
  id: 'packages',
  title: 'Packages',
  async inspect({ workspace }) {
    if (workspace === undefined) return { status: 'unneeded', found: 'no workspace' };
    // Loaded here: nothing else of the command line needs Nx.
    const { createProjectGraphAsync } = await import('@nx/devkit');
    const { nodes } = await createProjectGraphAsync({ exitOnError: false });
    return findingOf(Object.values(nodes).map(({ data }) => ownMetadata(data.metadata)));
  },
};

/** What the graph's projects say of the files that they were inferred from. */
export function findingOf(projects: readonly OwnMetadata[]): Finding {
  const problems = projects.flatMap(({ problem }) => problem ?? []);
  const each = (text: (problem: (typeof problems)[number]) => string) => [...new Set(problems.map(text))].join('\n');
  return problems.length === 0
    ? {
        status: 'ok',
        found: `${count(projects.filter(({ cabalProject }) => cabalProject !== undefined).length, 'package')} can be read`,
      }
    : { status: 'missing', found: each(({ message }) => message), fix: each(({ hint }) => hint) };
}
