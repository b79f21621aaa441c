// trains-by-epochs.mjs EPOCHS MILLISECONDS LOSS [COUNTED] [LINGER=MILLISECONDS]
// Ten steps an epoch, each so many milliseconds apart (LINGER after the first epoch of an attempt that begins anew; `asked:9,2`: those of these
// LOSSes wait there until they are asked to leave, as they will be, however slow the machine is), with `eval/loss` LOSS ÷ step and a checkpoint an epoch. Goes on from the step that
// the checkpoint in SWEEPBOARD_RESUME holds. Asked to leave (SIGTERM), it ends its step, saves and leaves with 143. Each step is a line
// "RUN STEP" of the file COUNTED.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const [epochs, milliseconds, loss] = process.argv.slice(2, 5).map(Number)
const counted = process.argv[5]
const linger = process.argv[6] ?? String(milliseconds)
const isAsked = linger.startsWith('asked:') && linger.slice(6).split(',').includes(process.argv[4])
const { SWEEPBOARD_EVENTS: events, SWEEPBOARD_RUN_DIR: folder, SWEEPBOARD_RESUME: resume } = process.env
let asked = false
const leaving = once(process, 'SIGTERM').then(() => (asked = true))

const event = (body) => appendFileSync(events, `${JSON.stringify(body)}\n`)
function save(step) {
  const file = `checkpoints/step-${step}`
  mkdirSync(path.join(folder, file), { recursive: true })
  writeFileSync(path.join(folder, file, 'step'), String(step))
  event({ type: 'checkpoint', step, epoch: step / 10, path: file })
}

let step = resume ? Number(readFileSync(path.join(resume, 'step'), 'utf8')) : 0
while (step < epochs * 10) {
  const lingers = step >= 10 && !resume && !asked
  if (lingers && isAsked) {
    const alive = setInterval(() => {}, 1000)
    await leaving
    clearInterval(alive)
  } else await pause(lingers && Number(linger) >= 0 ? Number(linger) : milliseconds)
  step++
  if (counted) appendFileSync(counted, `${process.env.SWEEPBOARD_RUN} ${step}\n`)
  event({ type: 'metrics', step, values: { 'eval/loss': Number.isNaN(loss) ? 'NaN' : loss / step, loss: loss / step } })
  event({ type: 'progress', done: step, total: epochs * 10 })
  if (step % 10 === 0 || asked) save(step)
  if (asked && step < epochs * 10) process.exit(143)
}
