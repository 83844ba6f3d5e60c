import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { command } from '../testing/lease-commands.js';
import { World } from '../testing/lease-world.js';

describe('leases under random use and random crashes', () => {
  it('are never lost and never given twice', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'hub-'));
        const world = new World(folder);
        try {
          for (const step of steps) world.run(step);
        } finally {
          world.close();
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
