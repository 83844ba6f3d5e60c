import { machineDefinitionJsonSchema, PortRegistry } from '@build-machines/machines';
import { jsonSchemaOf, type JsonSchema } from '../json-schema.js';
import { page, propertyTable } from '../markdown.js';

/** docs/reference/machine-yml.md: the two files that define machines. */
export function machineYmlPage(): string {
  return page(
    'machine.yml and port-registry.yml',
    '`machines/<name>/machine.yml` defines a machine; `nx g build-machines:vm` writes it. Unknown keys are errors. Editors ' +
      'that know `# yaml-language-server: $schema=…` check it against ' +
      '`node_modules/build-machines/schemas/machine.schema.json`.',
    '## machine.yml',
    propertyTable(machineDefinitionJsonSchema() as JsonSchema, 'Key'),
    '## port-registry.yml',
    'At the root of the workspace. Every machine with a tunnel has a port of its own in the range; generators and `nx sync` ' +
      'edit it and keep its comments.',
    propertyTable(jsonSchemaOf(PortRegistry, 'input'), 'Key'),
  );
}
