import type { NxJsonConfiguration, ProjectGraph, TargetConfiguration } from '@nx/devkit';
import { EnvironmentNotHashedError, requireHashed, type TargetContext } from './hashed-environment.js';

const task = { project: 'app', target: 'remote-build' };

function workspace(
  target: TargetConfiguration,
  nxJsonConfiguration: NxJsonConfiguration = {},
  namedInputs?: NxJsonConfiguration['namedInputs'],
): TargetContext {
  const app = { root: 'packages/app', namedInputs, targets: { 'remote-build': target } };
  const projectGraph: ProjectGraph = { nodes: { app: { name: 'app', type: 'lib', data: app } }, dependencies: {} };
  return { projectGraph, nxJsonConfiguration };
}

describe('a variable that a task passes to the machine', () => {
  it('is refused where it is no input of a cached target, with what to write where', () => {
    const context = workspace({ cache: true, inputs: ['{projectRoot}/**/*', { env: 'OTHER' }] });
    const refused = () => {
      requireHashed(['OTHER', 'FLAVOUR', 'SITE'], task, context);
    };
    expect(refused).toThrow(EnvironmentNotHashedError);
    expect(refused).toThrow('app:remote-build passes FLAVOUR, SITE to the machine');
    expect(refused).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('{"env":"FLAVOUR"}, {"env":"SITE"}') as unknown }),
    );
  });

  it.each<[string, TargetContext]>([
    ['among the inputs of the target', workspace({ cache: true, inputs: [{ env: 'FLAVOUR' }] })],
    [
      'in a named input of nx.json, however deep',
      workspace(
        { cache: true, inputs: ['haskell'] },
        { namedInputs: { haskell: ['site'], site: [{ env: 'FLAVOUR' }] } },
      ),
    ],
    [
      'in a named input of the project',
      workspace({ cache: true, inputs: [{ input: 'site' }] }, {}, { site: [{ env: 'FLAVOUR' }] }),
    ],
    [
      'in the default input of a target without inputs',
      workspace({ cache: true }, { namedInputs: { default: ['{projectRoot}/**/*', { env: 'FLAVOUR' }] } }),
    ],
    ['nowhere, but the target is not cached', workspace({ cache: false, inputs: [] })],
  ])('is passed where it stands %s', (_where, context) => {
    expect(() => {
      requireHashed(['FLAVOUR'], task, context);
    }).not.toThrow();
  });

  it('is refused where only the inputs of dependencies have it, or a named input that the project replaces', () => {
    const nx: NxJsonConfiguration = { namedInputs: { site: [{ env: 'FLAVOUR' }] } };
    const inputs: NonNullable<TargetConfiguration['inputs']> = ['^site', { input: 'site', dependencies: true }];
    for (const context of [
      workspace({ cache: true, inputs }, nx),
      workspace({ cache: true, inputs: ['site'] }, nx, { site: [] }),
    ]) {
      expect(() => {
        requireHashed(['FLAVOUR'], task, context);
      }).toThrow(EnvironmentNotHashedError);
    }
  });

  it('may be one that the named inputs of a cycle name', () => {
    const context = workspace(
      { cache: true, inputs: ['one'] },
      { namedInputs: { one: ['two'], two: ['one', { env: 'FLAVOUR' }] } },
    );
    expect(() => {
      requireHashed(['FLAVOUR'], task, context);
    }).not.toThrow();
  });
});
