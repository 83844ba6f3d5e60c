import type { TargetConfiguration } from '@nx/devkit';
import { GIT_FACTS_COMMAND } from '../git-info/git-facts.js';
import { GitInfoNotHashedError, requireGitInfoHashed } from './hashed-git-info.js';
import type { TargetContext } from './own-inputs.js';

function workspace(target: TargetConfiguration): TargetContext {
  const data = { root: 'app', targets: { 'remote-build': target } };
  return {
    projectGraph: { nodes: { app: { name: 'app', type: 'lib', data } }, dependencies: {} },
    nxJsonConfiguration: { namedInputs: { commit: [{ runtime: GIT_FACTS_COMMAND }] } },
  };
}

describe('the commit that a task sees', () => {
  const check = (target: TargetConfiguration, gitInfo = true) => {
    requireGitInfoHashed(gitInfo, { project: 'app', target: 'remote-build' }, workspace(target));
  };

  it('is refused where it is no input of a cached target', () => {
    expect(() => {
      check({ cache: true, inputs: [{ runtime: 'git rev-parse HEAD' }] });
    }).toThrow(GitInfoNotHashedError);
  });

  it.each<[string, TargetConfiguration]>([
    ['among its inputs', { cache: true, inputs: [{ runtime: GIT_FACTS_COMMAND }] }],
    ['in a named input', { cache: true, inputs: ['commit'] }],
    ['where nothing is cached', { inputs: [] }],
  ])('is fine %s', (_, target) => {
    check(target);
  });

  it('needs no input where the task does not see it', () => {
    check({ cache: true, inputs: [] }, false);
  });
});
