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
    files: ['**/*.spec.ts', 'e2e/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-lines': 'off' },
  },
  prettier,
);
