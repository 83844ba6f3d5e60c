import { parseJson } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Named = z.object({
  name: z.string().optional().catch(undefined),
  nx: z.object({ name: z.string().optional() }).optional().catch(undefined),
});

/**
 * The name that Nx gives the project of a folder: that of its project.json or package.json has precedence over the one
 * that we infer. A file that is missing or cannot be read names nothing; Nx reports the latter itself.
 * @param root the folder, relative to the workspace
 */
export function nameForNx(workspaceRoot: string, root: string, inferred: string): string {
  const project = read(join(workspaceRoot, root, 'project.json'));
  if (project?.name !== undefined) return project.name;
  const manifest = read(join(workspaceRoot, root, 'package.json'));
  return manifest?.nx?.name ?? manifest?.name ?? inferred;
}

function read(file: string): z.infer<typeof Named> | undefined {
  try {
    return Named.parse(parseJson(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
