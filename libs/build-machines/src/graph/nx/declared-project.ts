import { parseJson } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ImplicitDependencies = z.array(z.string()).optional().catch(undefined);
const Declared = z.object({
  name: z.string().optional().catch(undefined),
  implicitDependencies: ImplicitDependencies,
  nx: z.object({ name: z.string().optional(), implicitDependencies: ImplicitDependencies }).optional().catch(undefined),
});

/** What a user says of the project of a folder, in its project.json or package.json. */
export interface DeclaredProject {
  /** The name that it is given; undefined where Nx takes the one that we infer. */
  readonly name: string | undefined;
  /** Whether it has dependencies that no package description names. */
  readonly hasImplicitDependencies: boolean;
}

/**
 * What Nx will take from the files of a folder rather than from us: they have precedence. A file that is missing or cannot
 * be read says nothing; Nx reports the latter itself.
 * @param root the folder, relative to the workspace
 */
export function declaredProject(workspaceRoot: string, root: string): DeclaredProject {
  const project = read(join(workspaceRoot, root, 'project.json'));
  const manifest = read(join(workspaceRoot, root, 'package.json'));
  const implicit = [...(project?.implicitDependencies ?? []), ...(manifest?.nx?.implicitDependencies ?? [])];
  return {
    name: project?.name ?? manifest?.nx?.name ?? manifest?.name,
    // Those with a `!` take an edge away.
    hasImplicitDependencies: implicit.some((name) => !name.startsWith('!')),
  };
}

function read(file: string): z.infer<typeof Declared> | undefined {
  try {
    return Declared.parse(parseJson(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
