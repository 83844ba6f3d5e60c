import { BuildMachinesError } from '@build-machines/protocol';

/** No run, or more than one, is meant by what the user wrote. */
export class NoSuchRunError extends BuildMachinesError {
  readonly code = 'run-not-found';

  constructor(id: string | undefined, meant: readonly string[]) {
    const problem =
      id === undefined
        ? 'the State Hub knows no run yet'
        : meant.length === 0
          ? `no recent run has an id that starts with "${id}"`
          : `"${id}" is the start of ${meant.length} run ids: ${meant.slice(0, 5).join(', ')}`;
    super(problem, { hint: 'List runs with `npx build-machines runs`; give as much of the id as tells it apart.' });
  }
}
