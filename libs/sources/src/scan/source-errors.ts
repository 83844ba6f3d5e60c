import { BuildMachinesError } from '@build-machines/protocol';

/** A file or folder cannot be read. */
export class UnreadableSourceError extends BuildMachinesError {
  readonly code = 'source-unreadable';
  constructor(path: string, cause: unknown) {
    super(`"${path}" cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}).`, {
      hint: `Give yourself read permission (chmod u+r '${path}'), or list it in .nxignore if the build does not need it.`,
      cause,
      details: { path },
    });
  }
}

/** A file name is not valid UTF-8, so it has no unambiguous form on the wire. */
export class UnsupportedNameError extends BuildMachinesError {
  readonly code = 'source-name-unsupported';
  constructor(folder: string, name: string) {
    super(`The folder "${folder}" holds a name that is not valid UTF-8: "${name}".`, {
      hint: 'Rename it (convmv -f latin1 -t utf8 helps with many), or list the folder in .nxignore.',
      details: { folder },
    });
  }
}

/** A package's folder has no files that Nx hashes: more likely an accident than a wish. */
export class SourceFolderEmptyError extends BuildMachinesError {
  readonly code = 'source-folder-empty';
  constructor(folder: string) {
    super(
      `The folder "${folder}" has no files that Nx knows, so there is nothing to build. Nothing was changed on the machine.`,
      {
        hint: `Restore the folder (an unmounted disk, a checkout of the wrong branch?), or look for it in .gitignore and .nxignore; then: npx nx reset`,
        details: { folder },
      },
    );
  }
}

/** A file was written again and again while it was being sent. */
export class SourceChangingError extends BuildMachinesError {
  readonly code = 'source-changing';
  constructor(path: string, attempts: number) {
    super(`"${path}" changed while it was being sent, ${String(attempts)} times in a row.`, {
      hint: 'Stop what writes it (an editor, a generator, another build), or list it in .nxignore; then run again.',
      details: { path },
    });
  }
}

/** A file no longer has the content that was scanned. The caller scans again. */
export class FileChangedWhileSentError extends BuildMachinesError {
  readonly code = 'file-changed-while-sent';
  readonly path: string;
  constructor(path: string) {
    super(`"${path}" changed while it was being sent.`, { hint: 'Run again.', details: { path } });
    this.path = path;
  }
}
