/** What reads input that anybody may send, with the folders of the tests that have to notice. All of it is pure. */
export const GROUPS = [
  {
    name: 'kernel',
    mutate: ['src/kernel/{instant,json,json-fault,json-properties,json-walk}.ts'],
    tests: ['src/kernel'],
  },
  {
    name: 'payload',
    mutate: [
      'src/customers/payload/{csv-header,cut-csv,cut-customers,cut-metadata,scan-array,scan-csv,scan-json}.ts',
    ],
    tests: ['src/customers/payload'],
  },
  {
    name: 'rows',
    mutate: ['src/customers/domain/{csv-columns,csv-row,customer-row,metadata,metadata-row,row-refusal}.ts'],
    tests: ['src/customers/domain'],
  },
  {
    name: 'settings',
    mutate: [
      'src/auth/outside/claims.ts',
      'src/cli/project-name.ts',
      'src/config/{secure-url,settings,weak-secrets}.ts',
    ],
    tests: ['src/auth', 'src/cli', 'src/config'],
  },
]
