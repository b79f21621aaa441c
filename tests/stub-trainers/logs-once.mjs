// logs-once.mjs NAME=VALUE ... One step with these metrics and a checkpoint, then exit 0. A VALUE may be NaN.
import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const { SWEEPBOARD_EVENTS: events, SWEEPBOARD_RUN_DIR: folder } = process.env
const values = Object.fromEntries(
  process.argv.slice(2).map((pair) => {
    const [name, value] = pair.split('=')
    return [name, value === 'NaN' ? value : Number(value)]
  }),
)
const event = (body) => appendFileSync(events, `${JSON.stringify(body)}\n`)
event({ type: 'metrics', step: 1, values })
mkdirSync(path.join(folder, 'checkpoint'), { recursive: true })
event({ type: 'checkpoint', step: 1, epoch: 1, path: 'checkpoint' })
