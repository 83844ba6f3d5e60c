import { CabalTaskOptions } from '../options/haskell-options.js';
import { groupTasks, type CabalTask, type TaskGroup } from './task-groups.js';

function task(project: string, differing: Partial<CabalTask> = {}): CabalTask {
  return {
    taskId: `${project}:remote-test`,
    project,
    target: 'remote-test',
    kind: 'test',
    machine: 'sandbox',
    cabalFolder: '.',
    packages: [project],
    suites: undefined,
    sources: { plan: { task: {} as never, env: {} }, isKept: false, folders: [], required: [] },
    reused: [],
    compilers: [],
    hashedTraits: undefined,
    passed: {},
    repository: undefined,
    options: CabalTaskOptions.parse({}),
    ...differing,
  };
}

const projectsOf = (groups: TaskGroup[]): string[][] => groups.map((group) => group.map(({ project }) => project));

describe('grouping tasks', () => {
  it('puts tasks that differ in their packages only into one group', () => {
    expect(projectsOf(groupTasks([task('a'), task('b'), task('c')]))).toEqual([['a', 'b', 'c']]);
  });

  it.each<[string, Partial<CabalTask>]>([
    ['machine', { machine: 'other' }],
    ['cabal.project', { cabalFolder: 'elsewhere' }],
    ['kind of work', { kind: 'build' }],
    ['compiler', { options: CabalTaskOptions.parse({ ghc: '9.6.6' }) }],
    ['cabal version', { options: CabalTaskOptions.parse({ cabal: '3.10.3.0' }) }],
    ['arguments', { options: CabalTaskOptions.parse({ args: ['-O0'] }) }],
    ['environment', { passed: { PGHOST: 'db' } }],
    ['time limit', { options: CabalTaskOptions.parse({ timeoutSeconds: 5 }) }],
    ['named suites', { suites: ['spec'] }],
  ])('keeps apart what differs in its %s', (_what, differing) => {
    expect(projectsOf(groupTasks([task('a'), task('b', differing), task('c')]))).toEqual([['a', 'c'], ['b']]);
  });
});
