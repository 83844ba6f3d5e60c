import { isPathSegment, pathSegment } from '@build-machines/owned-files';
import type { ProjectGraph } from '@nx/devkit';
import { ProjectNameInOutputError } from './output-errors.js';
import { artifactFolder, documentationFolder, runFolder, RUNS } from './output-paths.js';

/** A target of a project in the graph. */
export interface TargetOf {
  readonly project: string;
  readonly target: string;
}

/**
 * The folder for a run of a target, relative to the workspace: the one that the graph declares as its output, so that
 * what Nx stores and restores is what was written.
 * @throws ProjectNameInOutputError
 */
export function declaredRunFolder(graph: ProjectGraph, { project, target }: TargetOf): string {
  return declared(graph, { project, target }, RUNS, 2) ?? runFolder(pathSegment(project), target);
}

/** The folder for the documentation of a project, likewise. @throws ProjectNameInOutputError */
export function declaredDocumentationFolder(graph: ProjectGraph, of: TargetOf): string {
  return declared(graph, of, 'dist/haddock', 1) ?? documentationFolder(pathSegment(of.project));
}

/** The usual folder for the artifacts of a project: that of its fetch target, where it has one. */
export function usualArtifactFolder(graph: ProjectGraph, project: string): string {
  for (const target of Object.values(graph.nodes[project]?.data.targets ?? {})) {
    const options = target.options as { outputPath?: unknown } | undefined;
    if (target.executor === 'build-machines:fetch-artifacts' && typeof options?.outputPath === 'string')
      return options.outputPath;
  }
  return artifactFolder(pathSegment(project));
}

/** The output below `parent`, of so many segments, that a target declares. */
function declared(
  graph: ProjectGraph,
  { project, target }: TargetOf,
  parent: string,
  depth: number,
): string | undefined {
  const outputs = graph.nodes[project]?.data.targets?.[target]?.outputs ?? [];
  const template = outputs.find((output) => output.startsWith(`{workspaceRoot}/${parent}/`));
  if (template === undefined) return undefined;
  const segments = template.slice(`{workspaceRoot}/${parent}/`.length).split('/');
  const filled = segments.map((segment) => segment.replaceAll('{projectName}', project));
  const isToken = (index: number): boolean => segments[index] !== filled[index];
  const leaves = (segment: string, index: number): boolean =>
    ['', '.', '..'].includes(segment) || (isToken(index) && !isPathSegment(segment));
  if (filled.length !== depth || filled.some(leaves)) throw new ProjectNameInOutputError(project, template);
  return `${parent}/${filled.join('/')}`;
}
