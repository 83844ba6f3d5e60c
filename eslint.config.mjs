import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Which layer may import which: dependencies point one way, see docs/architecture.md. */
const layers = [
  { sourceTag: 'layer:protocol', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:files', onlyDependOnLibsWithTags: ['layer:protocol'] },
  { sourceTag: 'layer:agent', onlyDependOnLibsWithTags: ['layer:protocol', 'layer:files'] },
  { sourceTag: 'layer:library', onlyDependOnLibsWithTags: ['layer:protocol', 'layer:files', 'layer:library'] },
  { sourceTag: 'layer:plugin', onlyDependOnLibsWithTags: ['layer:protocol', 'layer:files', 'layer:library'] },
  {
    sourceTag: 'layer:e2e',
    onlyDependOnLibsWithTags: ['layer:protocol', 'layer:files', 'layer:library', 'layer:plugin'],
  },
];

/** What replaces or removes files: only libs/owned-files may, because it checks that they are ours. */
const destructive = ['rm', 'rmdir', 'unlink', 'rename', 'truncate', 'cp', 'copyFile'].flatMap((name) => [
  name,
  `${name}Sync`,
]);
const destructiveImports = ['node:fs', 'node:fs/promises'].map((name) => ({
  name,
  importNames: [...destructive, 'default', 'promises'],
  message: 'Use @build-machines/owned-files, which touches only what is ours (docs/decisions/0012-ours-by-marker.md).',
}));

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/.cache',
      '.nx',
      'libs/build-machines/src/generators/*/files',
      '**/types/*.d.ts',
      'examples',
      'e2e/.artifacts',
    ],
  },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints: layers, enforceBuildableLibDependency: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['libs/**/*.ts', 'agent/**/*.ts'],
    ignores: ['libs/owned-files/**', '**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: destructiveImports,
          patterns: [{ group: ['fs', 'fs/promises', 'fs-extra', 'rimraf'], message: 'Use node:fs or owned-files.' }],
        },
      ],
      // `import * as fs` would go around the rule above.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/^node:fs/] > ImportNamespaceSpecifier',
          message: 'Import what you need by name.',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'e2e/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-lines': 'off' },
  },
  prettier,
);
