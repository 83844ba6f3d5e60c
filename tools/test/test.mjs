// `npm test`: installs what the tests need, builds, runs every test, and closes with one line that sums them up.
// `npm test -- unit`, `npm test -- live` or `npm test -- e2e` runs a part, and installs what that part needs;
// `npm test -- e2e first-hour` runs the files of a part whose paths match.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../setup/install.mjs';
import { ensureNodeModules } from '../setup/node-modules.mjs';
import { testPackages } from '../setup/packages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const report = join(root, '.cache/test-results/tests.json');

const [only, ...patterns] = process.argv.slice(2);
if (only !== undefined && !(only in testPackages)) {
  const parts = Object.keys(testPackages).join(', ');
  console.error(`✖ There is no part "${only}": say one of ${parts}, or nothing for all.`);
  process.exit(2);
}
const parts = only === undefined ? Object.keys(testPackages) : [only];

try {
  const packages = Object.assign({}, ...parts.map((part) => testPackages[part]));
  await ensurePackages(packages, { assumeYes: Boolean(process.env.CI) });
  ensureNodeModules(root);
} catch (error) {
  console.error(`✖ ${error.message}`);
  process.exit(1);
}

const { passed, failed, skipped } = runTests();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs jest; a run that ends without a report counts as one failure. */
function runTests() {
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const selected = ['--selectProjects', ...parts, '--config', 'tools/test/jest.config.mjs'];
  const args = ['jest', ...selected, '--json', '--outputFile', report, ...patterns];
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
    console.error(`✖ The tests ended without a report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
