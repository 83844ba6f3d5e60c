import { type Claim, OwnedFolder, realPathBelow } from '@build-machines/owned-files';
import { join } from 'node:path';
import {
  declaredDocumentationFolder,
  declaredRunFolder,
  type TargetOf,
  usualArtifactFolder,
} from '../outputs/declared-folders.js';
import { type OutputSurroundings, requireOutputFolder } from '../outputs/output-folder.js';
import type { CabalTaskKind } from './task-groups.js';

/** A folder of ours: its real path, and for whom it is. */
export interface OutputPlace {
  readonly folder: string;
  readonly claim: Claim;
}

/** Where a task leaves what it made. */
export interface OutputPlaces {
  readonly run: OutputPlace;
  /** For the files that the task itself fetches. */
  readonly files: OutputPlace | undefined;
}

/** What releases before the marker wrote into the folder of a run. */
const RUN_FILES = ['artifacts.json', 'log.txt', 'toolchain.json'];

/**
 * The places for what a task makes, checked before it runs.
 * @throws OutputFolderError, OutsideError, ProjectNameInOutputError, NotOursError, OtherOwnerError
 */
export async function outputPlaces(
  kind: CabalTaskKind,
  task: TargetOf & { readonly options: { readonly artifacts?: 'lazy' | 'eager' } },
  surroundings: OutputSurroundings,
): Promise<OutputPlaces> {
  const { root, projectGraph } = surroundings;
  const { project, target } = task;
  const inRoot = (folder: string): Promise<string> => realPathBelow(root, join(root, folder));
  const run = {
    folder: await inRoot(declaredRunFolder(projectGraph, task)),
    claim: { madeFor: `the runs of ${project}:${target}`, formerFiles: RUN_FILES },
  };
  let files: OutputPlace | undefined;
  if (kind === 'haddock') {
    const folder = await inRoot(declaredDocumentationFolder(projectGraph, task));
    files = { folder, claim: { madeFor: `the documentation of ${project}` } };
  } else if (task.options.artifacts === 'eager') {
    files = await artifactPlace(usualArtifactFolder(projectGraph, project), task, surroundings);
  }
  for (const place of [run, ...(files === undefined ? [] : [files])])
    await OwnedFolder.requireClaimable(place.folder, place.claim);
  return { run, files };
}

/** The place for a project's artifacts. @throws OutputFolderError, OutsideError, NotOursError, OtherOwnerError */
export async function artifactPlace(
  folder: string,
  task: TargetOf,
  surroundings: OutputSurroundings,
): Promise<OutputPlace> {
  const place = {
    folder: await requireOutputFolder(folder, task, surroundings),
    claim: { madeFor: `the artifacts of ${task.project}` },
  };
  await OwnedFolder.requireClaimable(place.folder, place.claim);
  return place;
}
