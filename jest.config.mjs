// @ts-check
import { availableParallelism } from 'node:os';

/** ESM-only packages that jest must transform, because tests run as CommonJS. */
const esmOnly = [
  'execa',
  '@sec-ant/readable-stream',
  '@sindresorhus/merge-streams',
  'figures',
  'get-stream',
  'human-signals',
  'is-plain-obj',
  'is-stream',
  'is-unicode-supported',
  'is-network-error',
  'npm-run-path',
  'p-retry',
  'parse-ms',
  'path-key',
  'pretty-bytes',
  'pretty-ms',
  'strip-final-newline',
  'unicorn-magic',
  'yoctocolors',
];

/**
 * What all tests share.
 * @type {import('jest').Config}
 */
export const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.(t|j|mj|cj)sx?$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    // Sources name what the compiler emits; tests run the sources.
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Declares no entry for require(), which is how jest asks.
    '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js',
    '^@build-machines/(protocol|owned-files|sources|machines|remote|state-hub|haskell)$': '<rootDir>/libs/$1/src/index.ts',
    '^@build-machines/testing$': '<rootDir>/tools/test/built-program.ts',
  },
};

const beside = { ...common, roots: ['<rootDir>/libs', '<rootDir>/agent', '<rootDir>/tools'] };

/**
 * Specs beside the code, of two kinds: unit specs work within their process, live specs start processes or use sockets.
 * @type {import('jest').Config}
 */
const config = {
  maxWorkers: availableParallelism() + 1,
  projects: [
    {
      ...beside,
      displayName: 'unit',
      testMatch: ['**/!(*.live).spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/tools/test/in-process-only.ts'],
    },
    {
      ...beside,
      displayName: 'live',
      testMatch: ['**/*.live.spec.ts'],
      globalSetup: '<rootDir>/tools/test/build-programs.mjs',
      globalTeardown: '<rootDir>/tools/test/remove-programs.mjs',
      setupFilesAfterEnv: ['<rootDir>/tools/test/live-timeout.ts'],
    },
  ],
};

export default config;
