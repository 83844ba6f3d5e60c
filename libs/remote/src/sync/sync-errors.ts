import { BuildMachinesError } from '@build-machines/protocol';

/** At most this many paths are named in a message; the rest is counted. */
const NAMED = 5;

function list(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED).map((path) => `"${path}"`);
  const rest = paths.length - named.length;
  return named.join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}

/** A symbolic link points out of the workspace, where the machine has nothing. */
export class SymlinkLeavesTreeError extends BuildMachinesError {
  readonly code = 'symlink-leaves-tree';
  constructor(links: readonly { path: string; target: string; relative?: string }[]) {
    const shown = links.map(({ path, target }) => `${path} -> ${target}`);
    const inside = links.find(({ relative }) => relative !== undefined);
    super(`Symbolic links leave the workspace and cannot be followed on a machine: ${list(shown)}.`, {
      hint:
        inside === undefined
          ? 'Replace the link by the files themselves, or list it in .nxignore if the build does not need it.'
          : `Make it relative: ln -sfn '${inside.relative ?? ''}' '${inside.path}'.`,
      details: { links },
    });
  }
}

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

/** A socket, pipe or device lies among the sources. */
export class UnsupportedFileError extends BuildMachinesError {
  readonly code = 'source-unsupported';
  constructor(path: string, what: string) {
    super(`"${path}" is a ${what}, which cannot be sent to a machine.`, {
      hint: 'Remove it, or list it in .nxignore if it belongs there.',
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

/** A folder that was asked for is not there. */
export class SourceRootMissingError extends BuildMachinesError {
  readonly code = 'source-root-missing';
  constructor(root: string, what: string) {
    super(`The source folder "${root}" ${what}.`, {
      hint: 'Look at the project root in "nx show project", or run "nx reset" if the project was moved.',
      details: { root },
    });
  }
}

/** Git could not say what is ignored. */
export class GitListingError extends BuildMachinesError {
  readonly code = 'git-listing-failed';
  constructor(folder: string, stderr: string) {
    super(`Git cannot list the ignored files of "${folder}": ${stderr.trim().split('\n').slice(0, 3).join(' ')}`, {
      hint: `Run "git -C '${folder}' status" and mend what it reports.`,
    });
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
