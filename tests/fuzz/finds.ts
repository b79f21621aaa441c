/** What fuzzing found, each kept as a case: the kind, and what was given. */
import { wandbFile, wandbRecord } from '../wandb-file.ts'

const plainSweep = 'name: x\naxes: { a: [1, 2] }\ntrain: { command: [true, "${a}"] }\nscore: { baseline: { B: 0.5 } }\n'
const unknownKeys = Array.from({ length: 3000 }, (_, index) => `key${index}: 1`).join('\n')

export const finds: readonly (readonly [what: string, kind: string, given: string])[] = [
  // was answered with "try again later", which clients do for ever
  [
    'an address that is badly escaped',
    'messages',
    JSON.stringify({ name: 'wandb', method: 'POST', path: '/files/%ff/b/%/file_stream', query: '', body: '{}' }),
  ],
  // was answered with "try again later", too: a list of an object that cannot be a text
  [
    'a run id with a toString of its own',
    'messages',
    JSON.stringify({
      name: 'mlflow',
      method: 'POST',
      path: '/api/2.0/mlflow/runs/log-batch',
      query: '',
      body: '{"run_id": [{"toString": 1}]}',
    }),
  ],
  // so were orders, experiments and files that are objects, and a status that every object has
  ...['{"order_by": [{"toString": false}]}', '{"experiment_ids": [{"toString": 1}]}', '{"page_token": "-5"}'].map(
    (body) =>
      [
        `a search for ${body}`,
        'messages',
        JSON.stringify({ name: 'mlflow', method: 'POST', path: '/api/2.0/mlflow/runs/search', query: '', body }),
      ] as const,
  ),
  ...['{"status": {"toString": 1}}', '{"status": "__proto__"}', '{"status": "constructor"}'].map(
    (body) =>
      [
        `an update with ${body}`,
        'messages',
        JSON.stringify({ name: 'mlflow', method: 'POST', path: '/api/2.0/mlflow/runs/update', query: '', body }),
      ] as const,
  ),
  [
    'files that are objects',
    'messages',
    JSON.stringify({
      name: 'wandb',
      method: 'POST',
      path: '/graphql',
      query: '',
      body: '{"query": "query RunUploadUrls { createRunFiles }", "variables": {"files": [{"toString": 1}]}}',
    }),
  ],
  // the parser made tens of thousands of errors, each with where it was made
  ['ten thousand aliases', 'sweep files', `train: {${'*a '.repeat(5000)}`],
  // of a value they stood in nobody reads them, but whether it needs quotes was asked of the parser: 2 s
  ...['*a ', '{"a":', '- ', '[', '&a ', '"'].map(
    (part) =>
      [
        `a value of thousands of ${part}`,
        'sweep files',
        `${plainSweep}init: ${JSON.stringify(part.repeat(16_000))}\n`,
      ] as const,
  ),
  ['twenty thousand open brackets', 'sweep files', `train: ${'{"a":'.repeat(20_000)}`],
  // the file system throws for what can be no path
  ...['\\0', 'x'.repeat(5000)].map(
    (uri) =>
      [
        'an artifact folder that is no path',
        'stores',
        `mlflow\nrun_id: aa\nartifact_uri: "${uri}"\n\0\0\0\0[]`,
      ] as const,
  ),
  // its rows were those of no run
  [
    'a run of W&B without an id after one that has one',
    'stores',
    `wandb\n${wandbFile([wandbRecord.run('aa'), wandbRecord.run(''), wandbRecord.row({ loss: 1 })]).toString('latin1')}`,
  ],
  // each was compared with every known key, and its place was looked for from the first: 20,000 held the server for 9 s
  ['thousands of unknown keys', 'sweep files', unknownKeys],
]
