import { BuildMachinesError } from '@build-machines/protocol';
import { z } from 'zod';

/** The plugin's entry in nx.json has options that do not exist or do not fit. */
export class PluginOptionsError extends BuildMachinesError {
  readonly code = 'plugin-options-invalid';

  constructor(error: z.ZodError) {
    super(`nx.json, options of the plugin build-machines: ${z.prettifyError(error)}`, {
      hint: 'Correct the entry of "build-machines" in "plugins" of nx.json; docs/reference lists its options.',
    });
  }
}

/** Two packages have the same name, so that they cannot both be an Nx project of that name. */
export class DuplicatePackageError extends BuildMachinesError {
  readonly code = 'haskell-package-duplicate';

  constructor(name: string, file: string, other: string) {
    super(`${file}: a package named "${name}" exists already: ${other}`, {
      hint: `Rename one of the two packages, or exclude one from the plugin: "exclude": ["${file}"] in nx.json.`,
    });
  }
}

/** A machine.yml that cannot be a project of the graph. */
export class MachineFileError extends BuildMachinesError {
  readonly code = 'machine-file-malformed';

  constructor(file: string, line: number | undefined, problem: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${problem}`, {
      hint: 'Correct machine.yml; docs/reference/machine-yml.md lists its keys.',
    });
  }
}
