import { OwnedFolder } from '@build-machines/owned-files';

/** Makes a folder that is ours with files that are ours, as an earlier fetch leaves it. */
export async function ownedFiles(
  path: string,
  madeFor: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await (await OwnedFolder.claim(path, { madeFor })).writeFiles(files);
}
