/**
 * The arrows between the rooms (ARCHITECTURE.md). `npm run check` fails on an import that goes against them.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A file that needs itself through others cannot be read on its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'found',
      comment: 'An import that resolves to nothing, or to a package that package.json does not name.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['unknown', 'undetermined', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'domain-imports-zod-only',
      comment: 'domain/ is values in, values out: no I/O, no clock, no other package than zod.',
      severity: 'error',
      from: { path: '^domain/', pathNot: testFile() },
      to: { pathNot: ['^domain/', '^node_modules/zod/'] },
    },
    {
      name: 'trainer-stands-alone',
      comment: 'The trainer is another program: nothing of the project; numeric packages, and zod for its settings.',
      severity: 'error',
      from: { path: '^trainer/', pathNot: testFile() },
      to: {
        pathNot: ['^trainer/', '^node_modules/(@tensorflow|@huggingface|zod)/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'db-imports-domain-only',
      comment: 'db/ knows the domain and nothing above it.',
      severity: 'error',
      from: { path: '^db/', pathNot: testFile() },
      to: { path: '^(server|cli|app|trainer|bench|scripts)/' },
    },
    {
      name: 'server-imports-domain-and-db',
      comment: 'server/ stands on domain/ and db/; pages and the command line stand on it.',
      severity: 'error',
      from: { path: '^server/', pathNot: testFile() },
      to: { path: '^(cli|app|bench|scripts)/' },
    },
    {
      name: 'server-takes-types-of-the-trainer',
      comment: 'The server starts the trainer as a process and shares nothing with it but the protocol.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^trainer/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'server-takes-the-contract-of-the-trainer',
      comment: 'contract/trainer.ts is what the server may know of the trainer.',
      severity: 'error',
      from: { path: '^server/', pathNot: testFile() },
      to: { path: '^trainer/', pathNot: '^trainer/contract\\.ts$' },
    },
    {
      name: 'cli-imports-domain-and-server',
      comment: 'The command line goes through the same verbs as the pages; the tables are not its business.',
      severity: 'error',
      from: { path: '^cli/', pathNot: testFile() },
      to: { path: '^(db|app|trainer|bench|scripts)/' },
    },
    {
      name: 'app-imports-domain-by-value',
      comment: 'Pages talk to the server over the API.',
      severity: 'error',
      from: { path: '^app/', pathNot: testFile() },
      to: { path: '^(db|cli|trainer|bench|scripts)/' },
    },
    {
      name: 'app-takes-types-of-the-server',
      comment: 'Pages know the types of the API; server code must not reach the browser.',
      severity: 'error',
      from: { path: '^app/' },
      to: { path: '^server/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'verbs-know-no-callers',
      comment: 'A verb is called by the API, the command line and the scheduler alike, and imports none of them.',
      severity: 'error',
      from: { path: '^server/(sweeps|runs|checkpoints)/', pathNot: testFile() },
      to: { path: '^server/(api|scheduler)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'drizzle-under-db-only',
      comment: 'Queries are in db/queries, one file a noun.',
      severity: 'error',
      from: { pathNot: '^db/' },
      to: { path: '^node_modules/drizzle-orm/' },
    },
    {
      name: 'plotly-in-one-place',
      comment: 'Plotly is 1 MB: app/_charts/plot.tsx loads it lazily for everybody.',
      severity: 'error',
      from: { pathNot: '^app/_components/plot\\.tsx$' },
      to: { path: '^node_modules/plotly' },
    },
    {
      name: 'nothing-imports-tests',
      comment:
        'Tests stand on the product, never the other way round. The pictures are taken, and live pages measured, as the tests look at pages.',
      severity: 'error',
      from: { pathNot: ['^tests/', '^scripts/screenshots\\.ts$', '^bench/(live|large-page)\\.ts$', testFile()] },
      to: { path: ['^tests/', testFile()] },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules' },
    exclude: { path: ['^\\.next', '^trainer/kernels/assembly/', '^build/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}

function testFile() {
  return '\\.test\\.tsx?$'
}
