// tells-the-time.mjs STEPS
// Metrics with a time on each of STEPS steps, a minute and a half apart and beginning in 2026, with the epoch and the tokens so far;
// a checkpoint at the last step.
import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const steps = Number(process.argv[2])
const began = Date.UTC(2026, 0, 5, 8) / 1000
const events = Array.from({ length: steps }, (_, at) => {
  const step = at + 1
  const values = { loss: 1 / step, epoch: step / 20, tokens: 4096 * step }
  return { type: 'metrics', step, time: began + 90 * step, values }
})
mkdirSync(path.join(process.env.SWEEPBOARD_RUN_DIR, 'checkpoints', 'last'), { recursive: true })
events.push({ type: 'checkpoint', step: steps, path: 'checkpoints/last' })
appendFileSync(process.env.SWEEPBOARD_EVENTS, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
