// `npm test`: installs what the tests need, builds, runs every suite, and closes with one line that sums them up.
// `npm test -- unit` or `npm test -- e2e [pattern]` runs a part.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../setup/install.mjs';
import { ensureNodeModules } from '../setup/node-modules.mjs';
import { runtimePackages, testPackages } from '../setup/packages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const results = join(root, '.cache/test-results');
const suites = { unit: 'jest.config.mjs', e2e: 'e2e/jest.config.mjs' };

const [only, ...patterns] = process.argv.slice(2);
if (only !== undefined && !(only in suites)) {
  console.error(`✖ There is no suite "${only}": say unit or e2e, or nothing for both.`);
  process.exit(2);
}

try {
  await ensurePackages({ ...runtimePackages, ...testPackages }, { assumeYes: Boolean(process.env.CI) });
  ensureNodeModules(root);
} catch (error) {
  console.error(`✖ ${error.message}`);
  process.exit(1);
}

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const [name, config] of Object.entries(suites)) {
  if (only === undefined || only === name) addTo(totals, runSuite(name, config, patterns));
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

/** Runs one jest configuration; a run that ends without a report counts as one failure. */
function runSuite(name, config, patterns) {
  console.log(`\n━━ ${name} tests`);
  mkdirSync(results, { recursive: true });
  const report = join(results, `${name}.json`);
  rmSync(report, { force: true });
  // A handle that a test left open is jest's complaint in the log, and no reason to wait for ever.
  const args = ['jest', '--config', config, '--forceExit', '--json', '--outputFile', report, ...patterns];
  // jest prints the report to stdout as well when asked for JSON; people read what it writes to stderr.
  const run = spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    const failed = json.numFailedTests + json.numRuntimeErrorTestSuites;
    return {
      passed: json.numPassedTests,
      failed: failed === 0 && run.status !== 0 ? 1 : failed,
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } catch (error) {
    console.error(`✖ The ${name} tests ended without a report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function addTo(sum, part) {
  for (const key of Object.keys(sum)) sum[key] += part[key];
}
