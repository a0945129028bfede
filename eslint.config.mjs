import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist-orm/**',
      '.prepare/**',
      'node_modules/**',
      '.data*/**',
      'coverage/**',
      '**/*.cjs',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 260, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // DTO classes describe shapes; plain objects of that shape are what is sent.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts', 'bench/**/*.ts', 'faults/**/*.ts', 'fuzz/**/*.ts', 'rig/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off', 'no-console': 'off' },
  },
  {
    // Who may be imported is dependency-cruiser's to check; this is about what needs no import, or hides in the kernel.
    files: ['src/*/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'crypto',
        'setTimeout',
        'setInterval',
        'setImmediate',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The domain knows no clock.' },
        { object: 'Math', property: 'random', message: 'The domain knows no chance.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'The domain knows no clock.',
        },
        { selector: 'CallExpression[callee.name="Date"]', message: 'The domain knows no clock.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/kernel/index.js'],
              importNames: ['newAsyncActionId', 'newCustomerId', 'newRequestId', 'randomAlphanumerics'],
              message: 'The domain knows neither clock nor chance: take the id as an argument.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/launcher/**/*.ts', 'src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
)
