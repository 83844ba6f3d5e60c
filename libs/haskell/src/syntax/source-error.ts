import { BuildMachinesError } from '@build-machines/protocol';

/** Where something stands in a file. */
export interface SourcePosition {
  /** Path of the file, as the caller named it. */
  readonly file: string;
  /** 1-based line; absent where the error is about the file as a whole. */
  readonly line?: number;
}

/** A *.cabal, cabal.project, stack.yaml or package.yaml that cannot be read. `details` holds file and line. */
export class HaskellFileError extends BuildMachinesError {
  readonly code: string = 'haskell-file-malformed';
  readonly file: string;
  readonly line: number | undefined;

  constructor(position: SourcePosition, problem: string, hint: string) {
    const where = position.line === undefined ? position.file : `${position.file}:${position.line}`;
    super(`${where}: ${problem}`, { hint, details: { file: position.file, line: position.line } });
    this.file = position.file;
    this.line = position.line;
  }
}
