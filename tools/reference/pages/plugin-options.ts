import { PluginOptions } from '../../../libs/build-machines/src/graph/plugin-options.js';
import { jsonSchemaOf } from '../json-schema.js';
import { page, propertyTable } from '../markdown.js';

/** docs/reference/plugin-options.md: the options of the plugin's entry in nx.json. */
export function pluginOptionsPage(): string {
  return page(
    'Plugin options',
    'In `nx.json`; every option may be left out:',
    [
      '```json',
      '{ "plugins": [{ "plugin": "build-machines", "options": { "machine": "haskell-build" } }] }',
      '```',
    ].join('\n'),
    propertyTable(jsonSchemaOf(PluginOptions, 'input')),
  );
}
