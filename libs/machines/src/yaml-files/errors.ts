import { BuildMachinesError } from '@build-machines/protocol';

/** One mistake in a YAML file of the user's: where it is (line and column count from 1), what it is, what mends it. */
export interface YamlProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

/** A YAML file is not what it has to be. Reports every mistake at once, each as `file:line:column: message`. */
export class YamlFileError extends BuildMachinesError {
  readonly code = 'yaml-file-invalid';
  readonly file: string;
  readonly problems: readonly YamlProblem[];

  constructor(file: string, found: readonly YamlProblem[]) {
    const problems = [...found].sort((a, b) => a.line - b.line || a.column - b.column);
    super(problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'), {
      hint: [...new Set(problems.map((problem) => problem.fix))].join('\n'),
      details: { file, problems },
    });
    this.file = file;
    this.problems = problems;
  }
}
