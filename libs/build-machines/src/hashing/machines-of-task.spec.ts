import type { ProjectGraph } from '@nx/devkit';
import { machinesOfTask } from './machines-of-task.js';

const graph = {
  nodes: {
    app: {
      data: {
        targets: {
          build: {
            options: { machine: 'm-a', ghc: '9.0.2', args: ['-v2'] },
            configurations: { new: { ghc: '9.6.6' } },
          },
        },
      },
    },
  },
} as unknown as ProjectGraph;

const of = (overrides: Record<string, unknown>, configuration?: string) =>
  machinesOfTask({ target: { project: 'app', target: 'build', configuration }, overrides }, graph);

describe('the machine that a task asks for', () => {
  it('is that of its options, its configuration, and the command line, the last before all', () => {
    expect(of({})).toEqual({ machine: 'm-a', ghc: '9.0.2' });
    expect(of({}, 'new')).toEqual({ machine: 'm-a', ghc: '9.6.6' });
    expect(of({ machine: 'm-b', ghc: '9.8.4' }, 'new')).toEqual({ machine: 'm-b', ghc: '9.8.4' });
  });

  it('is not known where an option is not as the executor takes it', () => {
    expect(of({ ghc: 9.1 })).toBeUndefined();
  });
});
