import { MachineDefinition } from '@build-machines/protocol';
import { z } from 'zod';

/** JSON Schema (draft 2020-12) of machine.yml, for editors; written to `schemas/machine.schema.json`. */
export function machineDefinitionJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(MachineDefinition, { io: 'input' }),
    title: 'Build machine',
    description: 'machines/<name>/machine.yml of build-machines.',
  };
}
