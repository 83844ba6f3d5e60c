import { brokenPackages, unplannedProject } from './support/broken-packages.js';
import { journey } from './support/journey.js';
import { nx, writeTree } from './support/workspace.js';

describe('x', () => {
  const workspace = journey({ prepare: (made) => { writeTree(made, { ...brokenPackages(), ...unplannedProject }); } });
  it('shows', async () => {
    for (const args of JSON.parse(process.env['ARGS'] ?? '[]') as string[][]) {
      const ended = await nx(workspace(), args.filter((a) => !a.startsWith('NX_')), { env: Object.fromEntries(args.filter((a) => a.startsWith('NX_')).map((a) => a.split('='))) as Record<string,string>, daemon: args.includes('NX_DAEMON=true') });
      process.stderr.write(`\n##### ${args.join(' ')} -> ${ended.exitCode}\n${ended.output}\n`);
    }
  });
});
