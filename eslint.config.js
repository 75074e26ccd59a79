import tseslint from 'typescript-eslint'

/** What no file may say, whatever it is. */
const unsaid = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: one name everywhere.' },
  {
    selector:
      "CallExpression[callee.name=/^(parseFloat|Number)$/][arguments.0.type='MemberExpression'][arguments.0.property.name=/^(quantity|unitPrice|unitCost|value|debit|credit)$/]",
    message: 'Amounts are exact: use @stockline/amounts, never a float.',
  },
]

/** The rules: files of a slice without a suffix, and the packages that they work with. Pure: what they need is given to them. */
const rules = {
  files: [
    'services/*/src/*/*.ts',
    'packages/{amounts,scans}/src/**/*.ts',
    'packages/documents/src/{declaration,document,fields}.ts',
  ],
  ignores: ['**/*.{test,actions,store,api,reactions}.ts', '**/generated/**'],
}
const byAction = 'Rules are pure: the action looks it up, and gives it to the rule.'
const machinery = ['process', 'performance', 'crypto', 'console', 'fetch', 'WebSocket', 'globalThis', 'queueMicrotask']
const timers = ['setTimeout', 'setInterval', 'setImmediate']

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/generated/**', '.data/**', '.cache/**', 'docs/**', '**/*.cjs', '*.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 330, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...unsaid],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  { files: ['tools/**/*.ts', 'tests/**/*.ts', 'packages/test-kit/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', 'tests/**/*.ts', 'packages/test-kit/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    ...rules,
    rules: {
      'no-restricted-globals': ['error', ...[...machinery, ...timers].map((name) => ({ name, message: byAction }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: `No clock. ${byAction}` },
        { object: 'Math', property: 'random', message: `No chance. ${byAction}` },
      ],
      'no-restricted-syntax': [
        'error',
        ...unsaid,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `No clock. ${byAction}` },
        { selector: "CallExpression[callee.name='Date']", message: `No clock. ${byAction}` },
        { selector: ':function[async=true], ImportExpression', message: `Nothing to wait for. ${byAction}` },
      ],
    },
  },
  // A suite is one function, however long its list of tests.
  {
    files: [
      '**/*.test.ts',
      'services/*/test/*.ts',
      'packages/documents/test/*.ts',
      'tests/journeys/*.ts',
      'packages/test-kit/src/bus-conformance*.ts',
    ],
    rules: { 'max-lines-per-function': 'off' },
  },
  // Longer than that today. None of them may grow.
  ...Object.entries({
    'packages/service-kit/src/bus/kafka/kafka-bus.ts': 83,
  }).map(([file, max]) => ({
    files: [file],
    rules: { 'max-lines-per-function': ['error', { max, skipBlankLines: true, skipComments: true, IIFEs: true }] },
  })),
)
