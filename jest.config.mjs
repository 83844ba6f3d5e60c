// @ts-check

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

/** @type {import('jest').Config} */
const config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/agent', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
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
    '^@build-machines/(protocol|owned-files|machines|remote|state-hub|haskell)$': '<rootDir>/libs/$1/src/index.ts',
  },
  setupFilesAfterEnv: ['<rootDir>/tools/test/retry-in-ci.cjs'],
  testTimeout: process.env.CI ? 120_000 : 30_000,
};

export default config;
