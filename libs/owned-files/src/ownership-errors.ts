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
