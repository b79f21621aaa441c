/** What clients of trackers send. */
import path from 'node:path'
import { NestedTooDeep } from '../../../server/attempt-files/json-depth.ts'
import { Refusal, type IntakeRequest, type IntakeRun, type Protocol } from '../../../server/intake/protocol.ts'
import { Mlflow } from '../../../server/intake/mlflow/index.ts'
import { Trackio } from '../../../server/intake/trackio/index.ts'
import { Wandb } from '../../../server/intake/wandb/index.ts'
import { anyObject, anyText, jsonOf, oneOf } from '../generate.ts'
import { type Kind, told, folder } from './kind.ts'

const clientNames = [
  'query',
  'variables',
  'files',
  'content',
  'offset',
  'wandb-history.jsonl',
  'output.log',
  'run_id',
  'run_uuid',
  'key',
  'value',
  'step',
  'timestamp',
  'metrics',
  'params',
  'tags',
  'data',
  'config',
  'entity',
  'project',
  'name',
  '_step',
  'loss',
  'experiment_id',
  'filter',
  'order_by',
  'max_results',
  'manifest',
  'digest',
  'uploads',
  'uploaded_file',
  'metadata',
]
const clientPaths: Record<string, readonly string[]> = {
  wandb: ['/graphql', '/files/a/b/c/file_stream', '/files/%ff/b/%/file_stream', '/sdk/otel/x', '/upload/x'],
  mlflow: [
    '/api/2.0/mlflow/runs/create',
    '/api/2.0/mlflow/runs/log-batch',
    '/api/2.0/mlflow/runs/log-metric',
    '/api/2.0/mlflow/runs/search',
    '/api/2.0/mlflow/runs/get',
    '/api/2.0/mlflow/experiments/get-by-name',
    '/api/2.0/mlflow/runs/update',
    '/api/2.0/mlflow/metrics/get-history',
    '/api/2.0/mlflow/artifacts/list',
  ],
  trackio: [
    '/api/bulk_log',
    '/api/artifact_log',
    '/api/bulk_upload_artifact_blob',
    '/api/bulk_upload_media',
    '/api/get_artifact_manifest',
    '/gradio_api/call/bulk_log',
    '/config',
    '/gradio_api/upload',
    '/gradio_api/info',
  ],
}
export const messages: Kind = {
  make: (random) => {
    const name = oneOf(random, Object.keys(clientPaths))
    return JSON.stringify({
      name,
      method: oneOf(random, ['GET', 'POST', 'PUT']),
      path: random.uniform() < 0.9 ? oneOf(random, clientPaths[name]!) : `/${anyText(random)}`,
      query: anyText(random),
      body: jsonOf(anyObject(random, clientNames)),
    })
  },
  meet(given) {
    const {
      name,
      method,
      path: asked,
      query,
      body,
    } = JSON.parse(given) as Record<'name' | 'method' | 'path' | 'query' | 'body', string>
    const run = intakeRun()
    const protocol: Protocol =
      name === 'wandb' ? new Wandb(run) : name === 'mlflow' ? new Mlflow(run) : new Trackio(run)
    const request = {
      method,
      path: asked,
      query: new URLSearchParams({ run_id: query, path: query }),
      body: Buffer.from(body),
    } satisfies IntakeRequest
    const outcome = told([Refusal, NestedTooDeep], () => protocol.handle(request))
    if (outcome !== null) {
      outcome.commit?.()
      for (const event of outcome.events) JSON.stringify(event)
      JSON.stringify([outcome.reply, protocol.save(), protocol.end()])
    }
  },
}

function intakeRun(): IntakeRun {
  const files = path.join(folder, 'kept')
  return {
    id: 'a1',
    hexId: '0'.repeat(32),
    uploads: () => 'http://127.0.0.1:1',
    ofItsOwn: false,
    key: 'k',
    files,
    waiting: path.join(folder, 'waiting'),
    isStopping: () => false,
  }
}
