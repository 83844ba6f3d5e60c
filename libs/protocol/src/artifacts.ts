import { z } from 'zod';
import { Sha256, TreePath } from './tree.js';

/** What a build can leave behind that is worth fetching. */
export const ArtifactKind = z.enum([
  'executable',
  'test-suite',
  'benchmark',
  'foreign-library',
  'library',
  'test-log',
  'documentation',
  'coverage',
  'file',
]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

/** Which artifacts a run shall collect after success (test logs also after a failed test). */
export const ArtifactRequest = z.object({
  projectDir: z.union([z.literal('.'), TreePath]).describe('Folder of cabal.project (or of the lone package).'),
  buildDir: TreePath.default('dist-newstyle').describe("cabal's --builddir, relative to projectDir."),
  packages: z.array(z.string()).describe('Names of the cabal packages whose artifacts are wanted.'),
  kinds: z.array(ArtifactKind),
  globs: z.array(z.string()).default([]).describe('Further files, as globs relative to projectDir; kind "file".'),
});
export type ArtifactRequest = z.infer<typeof ArtifactRequest>;

/** One artifact. Its content is fetched by digest; `path` is where it goes below `dist/remote/<project>/`. */
export const Artifact = z.object({
  path: TreePath,
  kind: ArtifactKind,
  package: z.string().optional(),
  component: z.string().optional(),
  size: z.number().int().nonnegative(),
  sha256: Sha256,
  mode: z.number().int().min(0).max(0o777),
});
export type Artifact = z.infer<typeof Artifact>;

export const ArtifactManifest = z.object({ version: z.literal(1), artifacts: z.array(Artifact) });
export type ArtifactManifest = z.infer<typeof ArtifactManifest>;
