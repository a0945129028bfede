/**
 * Who may import whom. The folder tree is the architecture; these rules keep it so.
 * kernel, priority < config < database < audit, event-store, queue < projects < projections, http, rate-limits < auth < async-actions < customers < app
 */
const FEATURES = 'async-actions|customers|health|auth|projects'
const MODULES = `priority|config|database|audit|event-store|projections|queue|http|rate-limits|${FEATURES}|launcher`

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'What depends on each other in a circle is one thing: make it one, or cut it.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'kernel-is-pure',
      severity: 'error',
      comment: 'The words everyone shares depend on nothing but the platform.',
      from: { path: '^src/kernel/' },
      to: { pathNot: '^(src/kernel/|node:|(buffer|crypto|zlib)$)' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'Aggregates know no framework, no database, no clock, no chance.',
      from: { path: '^src/[^/]+/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^src/(kernel/index\\.ts|[^/]+/domain/)' },
    },
    {
      name: 'domain-of-its-own-module',
      severity: 'error',
      comment: 'A module never reaches into the domain of another.',
      from: { path: '^src/([^/]+)/domain/' },
      to: { path: '^src/[^/]+/domain/', pathNot: '^src/$1/domain/' },
    },
    {
      name: 'doors-only',
      severity: 'error',
      comment: 'From outside, a module is its index.ts.',
      from: { path: '^src/([^/]+)/' },
      to: { path: `^src/(kernel|${MODULES})/`, pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'composition-uses-doors',
      severity: 'error',
      comment: 'The composition root lists modules; it knows nothing of their inside.',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: `^src/(kernel|${MODULES})/`, pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'mechanisms-know-no-feature',
      severity: 'error',
      comment: 'Event store, queue, database, HTTP and rate limits serve any feature.',
      from: { path: '^src/(priority|config|database|audit|event-store|projections|queue|http|rate-limits)/' },
      to: { path: `^src/(${FEATURES}|launcher|cli|process)/` },
    },
    {
      name: 'async-actions-know-no-customers',
      severity: 'error',
      comment: 'Each operation registers its chunk handler; the runner serves any.',
      from: { path: '^src/async-actions/' },
      to: { path: '^src/customers/' },
    },
    {
      name: 'bull-only-at-the-queue',
      severity: 'error',
      comment: 'Redis is a doorbell: only what rings or hears it knows Bull.',
      from: { pathNot: '^src/(queue/|launcher/|async-actions/async-action\\.(processor|reconciler)\\.ts)' },
      to: { path: '^node_modules/(bull|ioredis|@nestjs/bull)/' },
    },
    {
      name: 'postgres-only-below',
      severity: 'error',
      comment: 'Sessions go through database/; entities and repositories of TypeORM are for ordinary tables.',
      from: {
        pathNot:
          '^src/(database/|queue/notifications\\.ts|projects/|auth/access-token|launcher/|event-store/)',
      },
      to: { path: '^node_modules/(typeorm|pg)/' },
    },
    {
      name: 'http-at-the-edge',
      severity: 'error',
      comment: 'Only controllers, DTOs and what serves them speak HTTP.',
      from: { path: '^src/(event-store|queue|database|projects|[^/]+/(domain|store|run|schedule|enqueue))/' },
      to: { path: '^(src/(http|auth)/|node_modules/(express|@nestjs/swagger)/)' },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      comment: 'What is imported stands in package.json.',
      from: { pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'launcher-stands-apart',
      severity: 'error',
      comment: 'Servers never know who started them.',
      from: { path: '^src/', pathNot: '^src/(launcher|cli)/' },
      to: { path: '^src/(launcher|cli)/' },
    },
    {
      name: 'ormconfig-is-for-the-command-line',
      severity: 'error',
      comment: 'The application builds its DataSource itself.',
      from: { path: '^src/' },
      to: { path: '^(ormconfig\\.ts|test/|bench/|faults/|fuzz/|rig/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Tests may look anywhere.
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      mainFields: ['main', 'types'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
}
