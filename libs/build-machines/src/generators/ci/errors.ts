import { BuildMachinesError } from '@build-machines/protocol';

/** The workspace's .gitlab-ci.yml cannot be extended. */
export class GitLabFileInvalidError extends BuildMachinesError {
  readonly code = 'gitlab-file-invalid';

  constructor(problem: string) {
    super(`.gitlab-ci.yml cannot be extended: ${problem}`, { hint: 'Mend the file, then run the generator again.' });
  }
}

/** A pipeline of this name is there already, with other contents. */
export class PipelineExistsError extends BuildMachinesError {
  readonly code = 'pipeline-exists';

  constructor(file: string) {
    super(`${file} exists and differs from what would be written`, {
      hint: 'Remove it to have it written anew, or choose another --name.',
    });
  }
}
