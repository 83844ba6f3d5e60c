// @ts-check
import unit from '../jest.config.mjs';

/**
 * Journeys that are written but have not yet passed as a whole, or take longer than a continuous integration may. They
 * are not counted as passing: they run with ALL_JOURNEYS=true.
 */
const unproven = ['graph/hit-or-miss', 'machines/ssh-host', 'machines/virtualbox', 'machines/vm-life-cycle'];

/**
 * End-to-end tests, one file per user journey. They run one after the other: each drives real compilers, and two at a
 * time on a small computer would only make both slow.
 * @type {import('jest').Config}
 */
const config = {
  ...unit,
  rootDir: '..',
  roots: ['<rootDir>/e2e'],
  testMatch: ['**/*.e2e.ts'],
  testPathIgnorePatterns: process.env.ALL_JOURNEYS === 'true' ? [] : unproven.map((name) => `<rootDir>/e2e/${name}`),
  maxWorkers: 1,
  testTimeout: 900_000,
};

export default config;
