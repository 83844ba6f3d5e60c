// @ts-check
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { common } from '../jest.config.mjs';

/** Journeys that take too long for each change, or need rigs that do. They run with ALL_JOURNEYS=true. */
const onDemand = ['machines/autostart', 'machines/ssh-host', 'machines/virtualbox', 'machines/vm-life-cycle'];

/**
 * End-to-end tests, one file per user journey. Several run beside each other, because they wait more than they compute;
 * each has folders, ports and processes of its own (support/workstation.ts).
 * @type {import('jest').Config}
 */
const config = {
  testSequencer: join(import.meta.dirname, '../tools/test/longest-first.mjs'),
  maxWorkers: availableParallelism() + 1,
  projects: [
    {
      ...common,
      displayName: 'e2e',
      roots: ['<rootDir>/e2e'],
      testMatch: ['**/*.e2e.ts'],
      testPathIgnorePatterns:
        process.env.ALL_JOURNEYS === 'true' ? [] : onDemand.map((name) => `<rootDir>/e2e/${name}`),
      setupFilesAfterEnv: ['<rootDir>/e2e/support/journey-timeout.ts'],
    },
  ],
};

export default config;
