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
      to: { pathNot: ['^domain/', '^contract/[^/]+\\.ts$', '^node_modules/zod/'] },
    },
    {
      name: 'contract-stands-alone',
      comment:
        'What two programs say to each other: constants, types and how values travel; zod and superjson at most. The shapes of pages may name types of the domain.',
      severity: 'error',
      from: { path: '^contract/', pathNot: testFile() },
      to: { pathNot: ['^contract/', '^node_modules/(zod|superjson)/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-names-domain-only',
      comment: 'The trainer protocol names nothing of the project; the shapes of pages name types of the domain.',
      severity: 'error',
      from: { path: '^contract/', pathNot: testFile() },
      to: { path: '^(app|bench|cli|db|scripts|server|tests|trainer)/' },
    },
    {
      name: 'trainer-protocol-names-nothing',
      comment: 'A trainer can be written from contract/trainer.ts alone.',
      severity: 'error',
      from: { path: '^contract/trainer\\.ts$' },
      to: { pathNot: '^node_modules/zod/' },
    },
    {
      name: 'trainer-stands-alone',
      comment: 'The trainer is another program: nothing of the project; numeric packages, and zod for its settings.',
      severity: 'error',
      from: { path: '^trainer/', pathNot: testFile() },
      to: {
        pathNot: ['^trainer/', '^contract/[^/]+\\.ts$', '^node_modules/(@tensorflow|@huggingface|zod)/'],
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
      name: 'server-knows-no-trainer',
      comment:
        'The server starts the trainer as a process; what they share is contract/: the protocol, the settings, the shape of a model.',
      severity: 'error',
      from: { path: '^server/', pathNot: testFile() },
      to: { path: '^trainer/' },
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
    ...arrows('server', {
      'attempt-files': [],
      formats: ['attempt-files'],
      executors: ['formats', 'attempt-files'],
      base: ['executors', 'formats', 'attempt-files'],
      provenance: ['base', 'executors', 'formats', 'attempt-files'],
      tables: ['base', 'executors', 'formats', 'attempt-files'],
      intake: ['base', 'executors', 'formats', 'attempt-files'],
      act: ['intake', 'tables', 'provenance', 'base', 'executors', 'formats', 'attempt-files'],
      read: ['tables', 'base', 'executors', 'formats', 'attempt-files'],
      scheduler: ['act', 'intake', 'tables', 'provenance', 'base', 'executors', 'formats', 'attempt-files'],
      http: ['act', 'read', 'intake', 'tables', 'base', 'executors', 'formats', 'attempt-files'],
      api: ['scheduler', 'act', 'read', 'tables', 'base', 'executors', 'formats', 'attempt-files'],
    }),
    ...arrows('domain', {
      stats: [],
      provenance: [],
      sweep: ['stats'],
      life: ['sweep', 'stats'],
      search: ['life', 'sweep', 'stats'],
      score: ['life', 'sweep', 'stats'],
      stopping: ['score', 'life', 'sweep', 'stats'],
      asking: ['score', 'life', 'sweep', 'stats'],
      picture: ['asking', 'score', 'life', 'sweep', 'stats'],
    }),
    {
      name: 'server-rooms-know-no-process',
      comment: 'server/main.ts, run.ts and open.ts put the rooms together; no room stands on them.',
      severity: 'error',
      from: { path: '^server/[^/]+/', pathNot: testFile() },
      to: { path: '^server/[^/]+\\.ts$' },
    },
    {
      name: 'attempt-files-know-nobody',
      comment:
        'The one room that opens what attempts wrote (.oxlintrc.json refuses every other) is small and stands alone.',
      severity: 'error',
      from: { path: '^server/attempt-files/', pathNot: testFile() },
      to: { pathNot: '^server/attempt-files/', dependencyTypesNot: ['core'] },
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
      from: { pathNot: '^app/_charts/plot\\.tsx$' },
      to: { path: '^node_modules/plotly' },
    },
    {
      name: 'nothing-imports-tests',
      comment:
        'Tests stand on the product, never the other way round. The pictures are taken, and live pages and the tracker measured, as the tests look at them.',
      severity: 'error',
      from: {
        pathNot: [
          '^tests/',
          '^scripts/screenshots\\.ts$',
          '^bench/(dev|live|bundle|large-page|tracker-servers|opened|cluster)\\.ts$',
          testFile(),
        ],
      },
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

/**
 * What the rooms under a folder may import of each other: each room and the rooms it stands on, in an order without a way
 * back. A room that is not listed is refused, so that a new one is placed before it is used.
 */
function arrows(folder, rooms) {
  const names = Object.keys(rooms)
  for (const [at, room] of names.entries()) {
    const later = rooms[room].filter((other) => !names.slice(0, at).includes(other))
    if (later.length > 0)
      throw new Error(`${folder}/${room} may only stand on rooms listed before it, not on ${later.join(', ')}.`)
  }
  return [
    ...names.map((room) => ({
      name: `${folder}-${room}-stands-on-${rooms[room].join('-') || 'nothing'}`,
      comment: `${folder}/${room} imports of ${folder}/ nothing but ${[room, ...rooms[room]].join(', ')} (ARCHITECTURE.md, Rooms).`,
      severity: 'error',
      from: { path: `^${folder}/${room}/`, pathNot: testFile() },
      to: { path: `^${folder}/[^/]+/`, pathNot: `^${folder}/(${[room, ...rooms[room]].join('|')})/` },
    })),
    {
      name: `${folder}-rooms-are-known`,
      comment: `A new room under ${folder}/ gets its arrows in .dependency-cruiser.mjs, and its line in ARCHITECTURE.md.`,
      severity: 'error',
      from: {},
      to: { path: `^${folder}/[^/]+/`, pathNot: `^${folder}/(${names.join('|')})/` },
    },
  ]
}

function testFile() {
  return '\\.test\\.tsx?$'
}
