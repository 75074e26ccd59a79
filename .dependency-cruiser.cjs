// The import rules of ARCHITECTURE.md. tests/architecture plants one violation of each and sees it fire.
const test = '[.]test[.]ts$'
const suffixed = '[.](actions|store|api|reactions)[.]ts$'
const fields = '[.]fields[.]ts$'
const ruleFile = { path: '^services/[^/]+/src/[^/]+/[^/]+[.]ts$', pathNot: [test, suffixed, fields, '/generated/'] }
/** How documents are declared, and what is decided of them: what of their package is pure. */
const declaration = '^packages/documents/src/(decision|declaration|document|fields|view)[.]ts$'
const zod = 'node_modules/(\\.pnpm/)?zod'

/** Folders of the kit, and those that each may import from besides itself. Types are free. */
const kitFolders = {
  values: [],
  runtime: ['values'],
  database: ['values', 'runtime'],
  bus: ['values', 'runtime'],
  'bus/embedded': ['values', 'runtime', 'database', 'bus'],
  'bus/kafka': ['values', 'runtime', 'bus'],
  http: ['values', 'runtime', 'database'],
  messaging: ['values', 'runtime', 'database', 'bus', 'http', 'messaging/history'],
  'messaging/history': ['values', 'runtime', 'database', 'bus', 'messaging'],
}
const kit = '^packages/service-kit/src/'
const kitFolderRules = Object.entries(kitFolders).map(([folder, below]) => ({
  name: `kit-${folder.replace('/', '-')}-imports-what-is-below`,
  comment: `In the kit, ${folder}/ imports from ${[folder, ...below].join(', ')} and refusal.ts only.`,
  severity: 'error',
  from: { path: `${kit}${folder}/[^/]+$`, pathNot: test },
  to: {
    dependencyTypesNot: ['type-only'],
    path: kit,
    pathNot: [`${kit}refusal[.]ts$`, `${kit}(${[folder, ...below].join('|')})/[^/]+$`],
  },
}))

module.exports = {
  forbidden: [
    {
      name: 'rules-are-pure',
      comment:
        'A rule (a file of a slice without suffix) imports only rules, fields and how they are declared, amounts, scans, what locations are, and the refusal; types are free.',
      severity: 'error',
      from: ruleFile,
      to: {
        dependencyTypesNot: ['type-only'],
        pathNot: [
          '^services/',
          '^packages/(amounts|scans)/',
          '^packages/contracts/src/(locations|lot-dates)[.]ts$',
          '^packages/service-kit/src/refusal[.]ts$',
          declaration,
        ],
      },
    },
    {
      name: 'fields-are-declarations',
      comment:
        'What a document is made of (`*.fields.ts`) imports other fields, how they are declared, and the contracts.',
      severity: 'error',
      from: { path: fields, pathNot: test },
      to: { dependencyTypesNot: ['type-only'], pathNot: [fields, declaration, '^packages/contracts/'] },
    },
    {
      name: 'declarations-are-pure',
      comment: 'Rules use them: of the kit the refusal alone, no database.',
      severity: 'error',
      from: { path: declaration, pathNot: test },
      to: {
        dependencyTypesNot: ['type-only'],
        pathNot: [declaration, '^packages/(amounts|contracts)/', '^packages/service-kit/src/refusal[.]ts$', zod],
      },
    },
    {
      name: 'documents-know-no-service',
      comment: 'What any document has, whatever its kind: of services they know nothing.',
      severity: 'error',
      from: { path: '^packages/documents/src/', pathNot: test },
      to: { pathNot: ['^packages/(documents|service-kit|contracts|amounts)/', zod] },
    },
    {
      name: 'rules-ask-no-action',
      comment: 'A rule asks no action, store, api or reaction, and no wiring.',
      severity: 'error',
      from: ruleFile,
      to: {
        dependencyTypesNot: ['type-only'],
        path: ['[.](actions|store|api|reactions)[.]ts$', '/generated/', '/src/(app|bus|config|database|main)[.]ts$'],
      },
    },
    {
      name: 'rule-tests-start-nothing',
      comment:
        '`pnpm test:rules` runs them alone, in seconds. What needs a database or a bus is tested in the test folder.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/[^/]+/.*[.]test[.]ts$' },
      to: {
        dependencyTypesNot: ['type-only'],
        path: [
          '^packages/test-kit/',
          '[.](store|api|reactions)[.]ts$',
          '/generated/',
          '/src/(app|bus|config|database|main)[.]ts$',
        ],
      },
    },
    {
      name: 'services-do-not-import-each-other',
      comment: 'What a service needs of another it keeps as a local copy, fed by events.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'another-slices-insides-are-private',
      comment: "A slice's api, store and reactions are its own; ask its rules and actions.",
      severity: 'error',
      from: { path: '^services/([^/]+)/src/([^/]+)/', pathNot: test },
      to: {
        path: '^services/([^/]+)/src/([^/]+)/.*\\.(api|store|reactions)\\.ts$',
        pathNot: '^services/$1/src/$2/',
      },
    },
    {
      name: 'only-stores-see-prisma',
      severity: 'error',
      from: { path: '^services/', pathNot: ['\\.store\\.ts$', '/src/database\\.ts$', '/generated/', test, '/test/'] },
      to: { path: ['/generated/', 'node_modules/@prisma'] },
    },
    {
      name: 'contracts-stand-alone',
      severity: 'error',
      from: { path: '^packages/contracts/', pathNot: test },
      to: { pathNot: ['^packages/(contracts|amounts|scans)/', zod, '^node:', '^(fs|path)$'] },
    },
    {
      name: 'amounts-stand-alone',
      severity: 'error',
      from: { path: '^packages/amounts/', pathNot: test },
      to: { pathNot: '^packages/amounts/' },
    },
    {
      name: 'scans-stand-alone',
      comment: 'A browser reads codes with it: nothing of Node, and no library.',
      severity: 'error',
      from: { path: '^packages/scans/', pathNot: test },
      to: { pathNot: '^packages/scans/' },
    },
    {
      name: 'the-kit-knows-no-domain',
      comment: 'Of the contracts it knows the envelope alone.',
      severity: 'error',
      from: { path: '^packages/service-kit/src/', pathNot: test },
      to: {
        path: ['^services/', '^packages/(contracts|amounts|scans|documents|test-kit)/'],
        pathNot: '^packages/contracts/src/envelope\\.ts$',
      },
    },
    ...kitFolderRules,
    {
      name: 'only-the-kit-sees-kafkajs',
      severity: 'error',
      from: { pathNot: ['^packages/(service-kit|test-kit)/', '^tools/kafka/', '^tests/', test] },
      to: { path: 'node_modules/(\\.pnpm/)?kafkajs' },
    },
    {
      name: 'tools-know-no-tests',
      comment: 'What both need is in packages/test-kit. Tests may import the tools that they test.',
      severity: 'error',
      from: { path: '^tools/', pathNot: test },
      to: {
        path: ['^tests/', '^services/[^/]+/test/'],
        pathNot: '^services/stock/test/(builders|stock-database)\\.ts$',
      },
    },
    {
      name: 'services-have-no-benchmarks',
      comment: 'Benchmarks are in tools/bench.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(tools/bench|packages/test-kit/src/load)/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle that types alone close is none: nothing of it is left when the program runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [test, '/generated/', '/main\\.ts$', '\\.d\\.ts$', '\\.cjs$', '/schemas/', '^tools/.*\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: ['^services/[^/]+/src/', '^packages/(?!test-kit)[^/]+/src/'], pathNot: test },
      to: {
        path: [test, '^packages/test-kit/', '^tests/', '^services/[^/]+/test/', 'node_modules/(@jest|fast-check)'],
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/generated/'] },
    exclude: { path: ['\\.data', '\\.cache'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
