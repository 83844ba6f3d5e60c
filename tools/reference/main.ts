import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineDefinitionJsonSchema } from '@build-machines/machines';
import { format } from 'prettier';
import { agentApiPage } from './pages/agent-api.js';
import { cliPage } from './pages/cli.js';
import { errorsPage } from './pages/errors.js';
import { hubApiPage } from './pages/hub-api.js';
import { machineYmlPage } from './pages/machine-yml.js';
import { pluginOptionsPage } from './pages/plugin-options.js';
import { pluginTypes } from './pages/plugin-types.js';
import { executorsPage, generatorsPage } from './pages/targets.js';

/** Every file that is generated from schemas and sources, by its path in the repository. */
async function generatedFiles(root: string): Promise<Record<string, string>> {
  return {
    'docs/reference/executors.md': executorsPage(root),
    'docs/reference/generators.md': generatorsPage(root),
    'docs/reference/plugin-options.md': pluginOptionsPage(),
    'docs/reference/machine-yml.md': machineYmlPage(),
    'docs/reference/errors.md': errorsPage(root),
    'docs/reference/agent-api.md': agentApiPage(root),
    'docs/reference/hub-api.md': await hubApiPage(),
    'docs/reference/cli.md': cliPage(),
    'libs/build-machines/types/plugin.d.ts': pluginTypes(),
    'libs/build-machines/schemas/machine.schema.json': await format(JSON.stringify(machineDefinitionJsonSchema()), {
      parser: 'json',
      printWidth: 120,
    }),
  };
}

/**
 * Writes the generated files, or with `check` only looks whether they are current.
 * @returns the paths of those that were not.
 */
export async function generate(root: string, check: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of Object.entries(await generatedFiles(root))) {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return stale;
}
