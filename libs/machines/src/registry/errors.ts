import { BuildMachinesError } from '@build-machines/protocol';

/** The workspace has no port-registry.yml. */
export class PortRegistryMissingError extends BuildMachinesError {
  readonly code = 'port-registry-missing';

  constructor(file: string) {
    super(`${file} does not exist`, { hint: 'Run `nx g build-machines:init`, which writes it.' });
  }
}

/** Every port of the registry's range is taken. */
export class PortRangeFullError extends BuildMachinesError {
  readonly code = 'port-range-full';

  constructor(file: string, line: number, name: string, range: { first: number; last: number }, taken: string[]) {
    super(
      `no port is left for machine "${name}": ${file} gives ${range.first}–${range.last}, taken by ${taken.join(', ')}`,
      {
        hint: `Widen the range in ${file}:${line}, for example to "last: ${range.last + 10}", or remove a machine that you no longer use with \`nx g build-machines:remove-vm <name>\`.`,
        details: { file, range },
      },
    );
  }
}
