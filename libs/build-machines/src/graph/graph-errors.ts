import { isSystemError } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';

/** The plugin's entry in nx.json has options that do not exist or do not fit. */
export class PluginOptionsError extends BuildMachinesError {
  readonly code = 'plugin-options-invalid';

  constructor(problems: readonly string[], fixes: readonly string[]) {
    super(`nx.json, options of the plugin build-machines: ${problems.join('; ')}`, {
      hint: [
        ...new Set(fixes),
        'node_modules/build-machines/docs/reference/plugin-options.md describes all options.',
      ].join('\n'),
    });
  }
}

/** The system refuses to read what a package or machine is inferred from. */
export class ProjectUnreadableError extends BuildMachinesError {
  readonly code = 'project-unreadable';

  constructor(file: string, cause: NodeJS.ErrnoException) {
    super(`${file}: what it is made of cannot be read: ${cause.message}`, {
      hint: `Correct the permissions, or exclude it from the plugin: "exclude": ["${file}"] in nx.json.`,
      cause,
    });
  }
}

/**
 * Turns a failure to read one project's files into the error that Nx is to show for its file.
 * @throws the error itself, where it is none that a user can mend
 */
export function fileProblem(file: string, error: unknown): BuildMachinesError {
  if (error instanceof BuildMachinesError) return error;
  if (isSystemError(error)) return new ProjectUnreadableError(file, error);
  throw error;
}
