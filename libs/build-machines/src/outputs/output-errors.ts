import { BuildMachinesError } from '@build-machines/protocol';

/** A folder cannot take the outputs of a target: it belongs to something else, or would. Nothing in it was changed. */
export class OutputFolderError extends BuildMachinesError {
  readonly code = 'output-folder';
  constructor(folder: string, reason: string, example: string) {
    super(`${JSON.stringify(folder)} cannot be the output folder: ${reason}. Nothing in it was changed.`, {
      hint: `Set "outputPath" to a folder of its own inside the workspace, for example --outputPath=${example}.`,
      details: { folder, reason },
    });
  }
}

/** The declared outputs of a target leave their folder, by the name of its project or as they are written. Nothing was run. */
export class ProjectNameInOutputError extends BuildMachinesError {
  readonly code = 'project-name-in-output';
  constructor(project: string, output: string) {
    super(
      `The output ${output}, which a target of project ${JSON.stringify(project)} declares, leads to another folder.`,
      {
        hint: 'Give the project a name of letters, digits, "-", "_" and "." in its project.json, and remove "outputs" of the target there.',
      },
    );
  }
}
