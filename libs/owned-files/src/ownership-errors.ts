import { BuildMachinesError } from '@build-machines/protocol';

/** How many names of files a message shows. */
const SHOWN = 3;

/** A folder that build-machines should fill has contents that it did not make. Nothing in the folder was changed. */
export class NotOursError extends BuildMachinesError {
  readonly code = 'folder-not-ours';
  constructor(folder: string, names: readonly string[]) {
    const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
    super(
      `build-machines did not make "${folder}", and the folder is not empty (${shown}). Nothing in it was changed.`,
      {
        hint: 'Choose a new or empty folder. If you do not need the contents of this one, delete it and try again.',
        details: { folder },
      },
    );
  }
}

/** A file, a symbolic link or a device is where build-machines should fill a folder. It was not changed. */
export class NotAFolderError extends BuildMachinesError {
  readonly code = 'not-a-folder';
  constructor(path: string) {
    super(`build-machines needs a folder at "${path}", but something else is there that it did not make.`, {
      hint: `Move "${path}" to another place, or choose another folder, then run the target again.`,
      details: { path },
    });
  }
}

/** The file that proves that a folder was made by build-machines cannot be read as one. Nothing in the folder was changed. */
export class MarkerDamagedError extends BuildMachinesError {
  readonly code = 'folder-marker-damaged';
  constructor(marker: string) {
    super(`"${marker}" is damaged, so build-machines cannot tell which files of the folder are its own.`, {
      hint: 'Look through the folder, delete it if it holds nothing that you need, then run the target again.',
      details: { marker },
    });
  }
}

/** A folder was made by build-machines for something else, such as the artifacts of another project. */
export class OtherOwnerError extends BuildMachinesError {
  readonly code = 'folder-of-another';
  constructor(folder: string, owner: string, wanted: string) {
    super(`"${folder}" holds what build-machines keeps there for ${owner}; it cannot hold ${wanted} as well.`, {
      hint: `Choose another folder. If ${owner} is no longer needed, delete this one and try again.`,
      details: { folder },
    });
  }
}

/** A file of the user is at the place where build-machines has to put one. The folder was left as it was. */
export class ForeignFileError extends BuildMachinesError {
  readonly code = 'file-not-ours';
  constructor(path: string) {
    super(
      `build-machines has to write "${path}", but something else is there that it did not make. It was not changed.`,
      {
        hint: `Move "${path}" to another place, then run the target again.`,
        details: { path },
      },
    );
  }
}

/** Something that build-machines should replace or remove is in no folder that it made. It was not changed. */
export class NotRemovableError extends BuildMachinesError {
  readonly code = 'not-ours';
  constructor(path: string) {
    super(`"${path}" is in no folder that build-machines made. It was not changed.`, {
      hint: 'Check whether you need it. If you do not, remove it yourself, then try again.',
      details: { path },
    });
  }
}

/** A folder that shall be ours alone belongs to another user. */
export class ForeignFolderError extends BuildMachinesError {
  readonly code = 'state-folder-foreign';
}

/** The state folder is set to a folder that has other contents. Nothing in it was changed. */
export class StateFolderTakenError extends BuildMachinesError {
  readonly code = 'state-folder-taken';
  constructor(folder: string, names: readonly string[]) {
    const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
    super(
      `The state folder "${folder}" holds what build-machines did not make (${shown}). Nothing in it was changed.`,
      {
        hint: `Use a folder of its own: set BUILD_MACHINES_HOME to ${folder.replace(/\/$/, '')}/build-machines, for example.`,
        details: { folder },
      },
    );
  }
}

/** A folder that build-machines should fill does not lie below the folder that it must stay in. */
export class OutsideError extends BuildMachinesError {
  readonly code = 'folder-outside';
  constructor(folder: string, real: string, root: string) {
    const leads = real === folder ? '' : `, which is "${real}",`;
    super(`"${folder}"${leads} is not a folder below "${root}". Nothing in it was changed.`, {
      hint: 'Choose a folder of its own inside the workspace, such as dist/remote/my-app, that no symbolic link leads out of.',
      details: { folder },
    });
  }
}

/** The way to a folder that build-machines should fill cannot be followed, as with a link that leads to itself. */
export class PathUnusableError extends BuildMachinesError {
  readonly code = 'path-unusable';
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`build-machines cannot make or use a folder at "${path}": ${why}.`, {
      hint: 'Look at each folder on the way to it: it may be a file, a broken link, or closed to you. Or choose another folder.',
      details: { path },
      cause,
    });
  }
}
