import { type GitFacts, gitFacts } from './git-facts.js';
import { minimalRepository, repositoryDigest } from './minimal-repository.js';
import { repositoryPreparation } from './repository-preparation.js';

/** The repository that a run is given. */
export interface GivenRepository {
  readonly facts: GitFacts;
  /** By this variable the agent notices that what Template Haskell may have asked git is no longer so. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The repository that the option `gitInfo` asks for.
 * @throws NoCommitError
 */
export async function givenRepository(workspaceRoot: string): Promise<GivenRepository> {
  const facts = await gitFacts(workspaceRoot);
  return { facts, env: { BUILD_MACHINES_GIT: repositoryDigest(minimalRepository(facts)) } };
}

/** What must run before a command, so that it finds the repository. */
export function preparationsOf(repository: GivenRepository | undefined, cwd: string): string[][] {
  if (repository === undefined) return [];
  return [repositoryPreparation(minimalRepository(repository.facts), cwd)];
}
