// @ts-check
import unit from '../jest.config.mjs';

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
  maxWorkers: 1,
  testTimeout: 900_000,
};

export default config;
