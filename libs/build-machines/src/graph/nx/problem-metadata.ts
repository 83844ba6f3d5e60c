import type { BuildMachinesError } from '@build-machines/protocol';
import type { ProjectMetadata } from 'nx/src/config/workspace-json-project-json.js';
import { z } from 'zod';

/** The key under which an inferred project's metadata holds what only this plugin reads. */
const KEY = 'buildMachines';

const OwnMetadata = z.object({
  /** Folder of the cabal project that builds the package, relative to the workspace. */
  cabalProject: z.string().optional(),
  /** Why a package or machine cannot be used, and the fix. */
  problem: z.object({ message: z.string(), hint: z.string() }).optional(),
});

/** What the graph has settled about an Nx project of ours. */
export type OwnMetadata = z.infer<typeof OwnMetadata>;

/** The part of a project's metadata that {@link ownMetadata} reads. */
export function problemMetadata(problem: BuildMachinesError | undefined, cabalProject?: string): ProjectMetadata {
  return {
    [KEY]: {
      ...(cabalProject === undefined ? {} : { cabalProject }),
      ...(problem === undefined ? {} : { problem: { message: problem.message, hint: problem.hint } }),
    },
  };
}

/** What the graph has settled about a project; nothing for one that is not of ours. */
export function ownMetadata(metadata: ProjectMetadata | undefined): OwnMetadata {
  return OwnMetadata.catch({}).parse(metadata?.[KEY] ?? {});
}
