/** Starts the training that a config asks for. */
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import type { Backend } from './backend.ts'
import { runDpo } from './dpo.ts'
import { runGrpo } from './grpo.ts'
import type { StopSignal } from './loop.ts'
import type { Reporter } from './report.ts'
import { runSupervised } from './supervised.ts'

/** Trains as the job says. Returns 'stopped' where it was asked to leave; the state is saved either way. */
export function runTraining(
  job: Job,
  config: TrainerConfig,
  backend: Backend,
  report: Reporter,
  stop: StopSignal,
): Promise<'done' | 'stopped'> {
  if (config.trainer === 'grpo') return runGrpo(job, config, backend, report, stop)
  if (config.trainer === 'dpo') return runDpo(job, config, backend, report, stop)
  return runSupervised(job, config, backend, report, stop)
}
