// @ts-check
import unit from '../jest.config.mjs';

/** Journeys that take too long for each change, or need rigs that do. They run with ALL_JOURNEYS=true. */
const onDemand = ['machines/autostart', 'machines/ssh-host', 'machines/virtualbox', 'machines/vm-life-cycle'];

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
  testPathIgnorePatterns: process.env.ALL_JOURNEYS === 'true' ? [] : onDemand.map((name) => `<rootDir>/e2e/${name}`),
  maxWorkers: 1,
  testTimeout: 900_000,
};

export default config;
