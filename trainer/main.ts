/**
 * The built-in trainer, a program of its own: `node trainer/main.ts`, told what to do by SWEEPBOARD_JOB (contract.ts).
 * Exit code 0: done. 1: failed, with one line on stderr. 143: asked to leave by SIGTERM, and the state is saved.
 */
import { startBackend } from './backend.ts'
import { runEvaluation } from './evaluate.ts'
import { readJob } from './job.ts'
import { openReporter } from './report.ts'
import { runTraining } from './run-training.ts'
import type { StopSignal } from './loop.ts'

async function main(): Promise<number> {
  const stop: StopSignal = { requested: false }
  process.on('SIGTERM', () => {
    stop.requested = true
  })
  const { job, config } = readJob(process.env)
  const report = openReporter(process.env.SWEEPBOARD_EVENTS ?? job.eventsFile, console.log)
  try {
    const { backend, passedOver } = await startBackend(process.env.SWEEPBOARD_BACKEND)
    for (const line of passedOver) report.note('warning', line)
    report.note('info', `backend: ${backend.description}`)
    const outcome =
      job.kind === 'evaluation'
        ? await runEvaluation(job, config, backend, report, stop)
        : await runTraining(job, config, backend, report, stop)
    return outcome === 'done' ? 0 : 143
  } finally {
    report.close()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  if (process.env.SWEEPBOARD_LOG === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}
