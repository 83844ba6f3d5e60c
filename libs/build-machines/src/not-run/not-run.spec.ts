import type { PostTasksExecutionContext } from '@nx/devkit';
import { dependentsOf } from './dependents.js';
import { notRunLine, tasksNotRun } from './not-run-line.js';
import { whatDidNotRun } from './post-tasks-execution.js';

const graph = {
  dependencies: {
    'app:remote-build': [],
    'app:fetch-artifacts': ['app:remote-build'],
    'app:image': ['app:fetch-artifacts'],
    'web:build': [],
    'all:deploy': ['web:build', 'app:image'],
  },
};

it('finds the tasks that need a task, directly or through others', () => {
  expect(dependentsOf('app:remote-build', graph)).toEqual(['all:deploy', 'app:fetch-artifacts', 'app:image']);
  expect(dependentsOf('web:build', graph)).toEqual(['all:deploy']);
  expect(dependentsOf('all:deploy', graph)).toEqual([]);
});

it('reads what it wrote, and nothing where nothing was kept from running', () => {
  const line = notRunLine('app:remote-build', ['a:x', 'b:y:production']);
  expect(tasksNotRun('app:remote-build', `some output\r\n${line}more`)).toEqual(['a:x', 'b:y:production']);
  expect(tasksNotRun('other:remote-build', line)).toEqual([]);
  expect(notRunLine('app:remote-build', [])).toBe('');
});

type Results = PostTasksExecutionContext['taskResults'];
type Status = Results[string]['status'];

function results(given: Readonly<Record<string, readonly [Status, string?]>>): { taskResults: Results } {
  const entries = Object.entries(given).map(([id, [status, terminalOutput]]) => {
    const [project = '', target = ''] = id.split(':');
    const task = { id, target: { project, target }, overrides: {}, outputs: [], parallelism: true, cache: true };
    return [
      id,
      { task, status, code: status === 'success' ? 0 : 1, ...(terminalOutput === undefined ? {} : { terminalOutput }) },
    ] as const;
  });
  return { taskResults: Object.fromEntries(entries) };
}

const failed = `error\n${notRunLine('app:remote-build', ['app:fetch-artifacts'])}`;

describe('a run of Nx', () => {
  it('fails when a failed task kept another one from running', () => {
    const error = whatDidNotRun(results({ 'app:remote-build': ['failure', failed] }));
    expect(error?.message).toBe('app:remote-build failed, so Nx did not run app:fetch-artifacts.');
    expect(error?.stack).toBe('');
  });

  it.each<[string, Parameters<typeof results>[0]]>([
    ['was interrupted', { 'app:remote-build': ['failure', failed], 'web:build': ['stopped'] }],
    ['ran all tasks', { 'app:remote-build': ['failure', failed], 'app:fetch-artifacts': ['success'] }],
    ['kept nothing from running', { 'app:remote-build': ['failure', 'error\n'] }],
    ['succeeded, whatever a task printed', { 'app:remote-build': ['success', failed] }],
  ])('is left alone when it %s', (_, given) => {
    expect(whatDidNotRun(results(given))).toBeUndefined();
  });
});
