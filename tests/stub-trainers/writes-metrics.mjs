// writes-metrics.mjs METRICS HISTORY LINES_A_SECOND FOLDER
// Writes HISTORY lines of METRICS values at once, then LINES_A_SECOND more (0: none) until the file FOLDER/end exists. Each time a
// file FOLDER/burst-N (N from 1) appears, 100 lines more. A line's time is when it was written; a falling curve with noise.
import { appendFileSync, existsSync } from 'node:fs'
import path from 'node:path'

const [metrics, history, linesASecond] = process.argv.slice(2, 5).map(Number)
const folder = process.argv[5]
let step = 0
let noise = 1

function line() {
  step++
  const values = []
  for (let metric = 0; metric < metrics; metric++) {
    noise = (noise * 48271) % 2147483647
    values.push(`"metric/${metric}":${(2 / (1 + step / 1000) + noise / 2147483647 / 5).toFixed(5)}`)
  }
  return `{"type":"metrics","step":${step},"time":${Date.now() / 1000},"values":{${values.join(',')}}}\n`
}

function write(count) {
  for (let left = count; left > 0; left -= 500) {
    appendFileSync(process.env.SWEEPBOARD_EVENTS, Array.from({ length: Math.min(500, left) }, line).join(''))
  }
}

write(history)
const startedAt = Date.now()
let written = 0
let bursts = 0
setInterval(() => {
  if (existsSync(path.join(folder, 'end'))) process.exit(0)
  for (; existsSync(path.join(folder, `burst-${bursts + 1}`)); bursts++) write(100)
  const due = Math.floor(((Date.now() - startedAt) / 1000) * linesASecond)
  write(due - written)
  written = due
}, 20)
