import { BuildMachinesError } from '@build-machines/protocol';
import { nearest } from '../yaml-files/nearest.js';

/** There is no machine of this name in the workspace. */
export class MachineUnknownError extends BuildMachinesError {
  readonly code = 'machine-unknown';

  constructor(file: string, name: string, known: readonly string[]) {
    const suggestion = nearest(name, known);
    const list = known.length === 0 ? 'This workspace has no machines yet.' : `Machines here: ${known.join(', ')}.`;
    super(`there is no machine "${name}": ${file} does not exist`, {
      hint:
        suggestion === undefined
          ? `${list} Make one with \`nx g build-machines:vm ${name}\`.`
          : `Did you mean "${suggestion}"? ${list}`,
    });
  }
}
