import type { ProjectGraph } from '@nx/devkit';

/**
 * The folders of a project and of everything that it depends on in Nx's graph, deepest dependencies included.
 * npm packages have no folder and machine projects hold no sources: neither is followed.
 * @returns workspace-relative folders (`.` for the workspace), sorted, each once.
 */
export function closureRoots(graph: ProjectGraph, project: string): string[] {
  const seen = new Set<string>();
  const pending = [project];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = graph.nodes[name];
    if (node === undefined || seen.has(name) || isMachine(node.data.metadata?.technologies)) continue;
    seen.add(name);
    pending.push(...(graph.dependencies[name] ?? []).map((dependency) => dependency.target));
  }
  return [...seen].map((name) => graph.nodes[name]?.data.root ?? '.').sort();
}

function isMachine(technologies: string[] | undefined): boolean {
  return technologies?.includes('build-machine') ?? false;
}
