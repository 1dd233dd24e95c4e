const tseslint = require('typescript-eslint');

/** Refuses imports whose path matches; the message says where the thing belongs instead. */
const refuse = (...patterns) => ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }];

const NO_SDK = ['^@aws-sdk/|^@aws-lambda-powertools/', 'the construct library calls no AWS API; a handler under lambda/ does'];
const NO_HANDLERS = ['(^|/)(lambda|twin)/|^cdk-mlops-twin', 'the construct library knows handlers by their contracts and bundles only'];
const NO_CDK = ['^(aws-cdk-lib|constructs)(/|$)', 'a handler ships without the CDK'];
const ONLY_CONTRACTS = ['/lib/(?!.*\\.contract$)', 'of the construct library a handler sees only *.contract'];
const NO_TWIN = ['(^|/)twin/|^cdk-mlops-twin', 'what runs on AWS does not know that it can be emulated'];

/** The ring: a domain imports those before it, never those after it. */
const RING = ['data', 'model', 'training', 'serving', 'delivery', 'monitoring'];
const ring = RING.map((domain, position) => ({
  files: [`lib/${domain}/**/*.ts`],
  ignores: ['**/*.contract.ts'],
  rules: {
    'no-restricted-imports': refuse(NO_SDK, NO_HANDLERS, ...RING.slice(position + 1)
      .map((later) => [`\\.\\./${later}/`, `'${domain}' comes before '${later}' in the ring; pass what is needed as a prop`])),
  },
}));

module.exports = tseslint.config(
  { ignores: ['dist/**', 'cdk.out/**', '.twin/**', '**/node_modules/**', 'twin/models/**', 'coverage/**', '**/*.d.ts', 'examples/**/cdk.out/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      // Names that start with an underscore say that they are not used, or not for users.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The compiler's noUncheckedIndexedAccess asks for it where an index is known to be right.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'eqeqeq': 'error',
      'no-console': 'off',
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['lib/**/*.ts'], rules: { 'no-restricted-imports': refuse(NO_SDK, NO_HANDLERS) } },
  ...ring,
  {
    files: ['lib/**/*.contract.ts'],
    rules: { 'no-restricted-imports': refuse(['^(?!.*(\\.contract|/env-contract)$)', 'a contract imports nothing but contracts and private/env-contract']) },
  },
  {
    files: ['lambda/**/*.ts'],
    rules: { 'no-restricted-imports': refuse(NO_CDK, ONLY_CONTRACTS, NO_TWIN), 'no-console': 'error' },
  },
  {
    files: ['lambda/core/**/*.ts'],
    rules: { 'no-restricted-imports': refuse(['^(?!node:crypto$)[^.]', 'the core is pure: it imports nothing from outside itself'], ['^(\\.\\./)+(adapters|data|training|delivery|serving|monitoring|lib)(/|$)', 'the core is pure: it imports nothing from outside itself']) },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    // Tests build wrong shapes on purpose.
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: { '@typescript-eslint/no-explicit-any': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
);
