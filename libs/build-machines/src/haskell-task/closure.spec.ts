import type { ProjectGraph } from '@nx/devkit';
import { closureRoots } from './closure.js';

function graphOf(edges: Record<string, string[]>, technologies: Record<string, string[]> = {}): ProjectGraph {
  const nodes = Object.fromEntries(
    Object.keys(edges).map((name) => [
      name,
      {
        name,
        type: 'lib' as const,
        data: { root: `packages/${name}`, metadata: { technologies: technologies[name] ?? ['haskell'] } },
      },
    ]),
  );
  const dependencies = Object.fromEntries(
    Object.entries(edges).map(([source, targets]) => [
      source,
      targets.map((target) => ({ source, target, type: 'static' })),
    ]),
  );
  return { nodes, dependencies };
}

describe('the closure of a project', () => {
  it('holds its own folder and those of direct and indirect dependencies, each once', () => {
    const graph = graphOf({ app: ['core', 'extra'], extra: ['core'], core: [], other: ['core'] });
    expect(closureRoots(graph, 'app')).toEqual(['packages/app', 'packages/core', 'packages/extra']);
  });

  it('leaves out npm packages and machines', () => {
    const graph = graphOf({ app: ['npm:left-pad', 'box'], box: [] }, { box: ['build-machine'] });
    expect(closureRoots(graph, 'app')).toEqual(['packages/app']);
  });

  it('ends on a cycle', () => {
    expect(closureRoots(graphOf({ a: ['b'], b: ['a'] }), 'a')).toEqual(['packages/a', 'packages/b']);
  });
});
