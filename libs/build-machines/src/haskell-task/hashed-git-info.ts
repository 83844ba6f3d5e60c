import { BuildMachinesError } from '@build-machines/protocol';
import { GIT_FACTS_COMMAND } from '../git-info/git-facts.js';
import { ownInputs, type TargetContext } from './own-inputs.js';

/**
 * Checks that Nx hashes what a task sees of git. The option in project.json, in targetDefaults or on the command line is
 * no input by itself; the plugin's own option `gitInfo` adds it.
 * @throws GitInfoNotHashedError for a target that is cached without it
 */
export function requireGitInfoHashed(
  gitInfo: boolean | undefined,
  task: { readonly project: string; readonly target: string },
  context: TargetContext,
): void {
  if (gitInfo !== true) return;
  const inputs = ownInputs(task, context);
  const isHashed = inputs?.some(
    (input) => typeof input === 'object' && 'runtime' in input && input.runtime === GIT_FACTS_COMMAND,
  );
  if (isHashed === false) throw new GitInfoNotHashedError(`${task.project}:${task.target}`);
}

/** A cached target is to see the commit, which is none of its inputs. */
export class GitInfoNotHashedError extends BuildMachinesError {
  readonly code = 'git-info-not-hashed';
  constructor(task: string) {
    super(
      `${task} gives the machine the commit, but Nx does not know it as an input: a program of another commit would be taken from the cache.`,
      {
        hint: `Set "gitInfo": true in the options of the plugin build-machines in nx.json, which makes it an input; or give the target "inputs": ["...", ${JSON.stringify({ runtime: GIT_FACTS_COMMAND })}], where "..." keeps the inputs that are inferred.`,
      },
    );
  }
}
