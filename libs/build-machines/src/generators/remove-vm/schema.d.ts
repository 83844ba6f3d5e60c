/** Options of `nx g build-machines:remove-vm`; each is described in schema.json. */
export interface RemoveVmGeneratorSchema {
  name: string;
  force?: boolean;
  skipFormat?: boolean;
}
