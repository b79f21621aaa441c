/**
 * The loop under every training: milestones and checkpoints in between, leaving when asked to, going on from a
 * checkpoint, progress, and the check that what was computed is a number. A trainer brings what one step does.
 *
 * All that is random in a step is derived from the seed and the step's number, so that a resumed run repeats an
 * uninterrupted one exactly.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Backend, memoryOf } from './backend.ts'
import { accuracies, heldOutQuestions } from './held-out.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import { definitions, readCheckpoint, readModel, type TrainerState } from './checkpoint.ts'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job, SampleEvent } from '../contract/trainer.ts'
import { notFinite } from './finite.ts'
import { openAdapter } from './open-adapter.ts'
import { type ModelConfig, newModelConfig } from '../contract/model-config.ts'
import { roomyTraining, trainingRoomProblem } from '../contract/model-room.ts'
import { readModelConfig } from './model/hugging-face.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { AdamW, learningRateAt } from './optimizer.ts'
import type { Reporter } from './report.ts'
import { arithmeticTokenizer, type Tokenizer } from './tokenizer.ts'
import { Workers } from './workers/workers.ts'

/** Tells a loop that it was asked to leave. */
export type StopSignal = { requested: boolean }

/** What a training works on: a new model, the one that `init` names, or a checkpoint of its own. */
export type Training = {
  job: Job
  config: TrainerConfig
  backend: Backend
  report: Reporter
  model: Qwen2
  /** The model that the run started from, as it was then; null where no loss asks for it. */
  reference: Qwen2 | null
  optimizer: AdamW
  tokenizer: Tokenizer
  /** Threads that share the work; null where it has none beside its own. */
  workers: Workers | null
  /** How far an earlier attempt came. */
  resumed: Pick<TrainerState, 'step' | 'tokens' | 'prompts'>
}

/** What one trainer does. */
export type Course = {
  steps: number
  /** Steps whose checkpoint is needed, beside the last. */
  milestones: ReadonlySet<number>
  /** Steps of a pass over the data; null where checkpoints are counted by steps alone. */
  stepsPerEpoch: number | null
  /** Makes the step's updates. Steps are counted from 1; `prompts` were taken before. */
  step(step: number, learningRate: number, prompts: number): Promise<StepOutcome>
}

export type StepOutcome = {
  /** The step's own metrics, in the order in which they are reported. Without an update there is no loss. */
  metrics: Record<string, number>
  /** Tokens learned from. */
  tokens: number
  /** Prompts taken from their order, where a trainer takes some. */
  prompts?: number
  /** Tells checkpoints apart for `keep_best`: lower is better. */
  figure: number
  samples?: SampleEvent[]
}

/**
 * Loads or makes what the job trains.
 * @param withReference whether the loss compares with the model that the run started from
 */
export function openTraining(
  job: Job,
  config: TrainerConfig,
  backend: Backend,
  report: Reporter,
  withReference: boolean,
): Training {
  const requireRoom = (shape: ModelConfig) => {
    const problem = trainingRoomProblem(shape, withReference, memoryOf(backend), config)
    if (problem === null) return
    throw new Error(`${problem}; expected ${roomyTraining(shape, withReference, memoryOf(backend), config)}`)
  }
  // before weights are read that have no room
  const folder = job.resume ?? job.init
  if (folder !== null) requireRoom(readModelConfig(folder))
  const resumed = job.resume === null ? null : readCheckpoint(job.resume)
  const moved = resumed?.reference ?? null
  const needsStart = resumed === null || (withReference && moved === null && config.lora_rank === 0)
  const start = job.init !== null && needsStart ? readModel(job.init) : null
  const tokenizer = resumed?.tokenizer ?? start?.tokenizer ?? arithmeticTokenizer()
  const shape = resumed?.config ?? start?.config ?? newModelConfig(config, tokenizer.vocabulary)
  requireRoom(shape)
  const startWeights = () => start?.weights ?? initialWeights(shape, config.seed)
  const weights = resumed?.weights ?? startWeights()
  const adapter = openAdapter(job, config, backend, { config: shape, weights, tokenizer }, resumed)
  const model = new Qwen2(shape, weights, backend, adapter)
  const startModel = () => (adapter === null ? new Qwen2(shape, moved ?? startWeights(), backend) : model.base)
  const reference = withReference ? startModel() : null
  const settings = {
    beta1: config.beta1,
    beta2: config.beta2,
    epsilon: config.adam_epsilon,
    weightDecay: config.weight_decay,
    gradientClip: config.gradient_clip,
  }
  const moments = resumed === null ? undefined : { updates: resumed.state.updates, moments: resumed.moments }
  const optimizer = new AdamW(model.trained, settings, model.usesKernels ? backend.kernels : null, moments)
  if (adapter !== null) {
    const trained = [...adapter.parameters.values()].reduce((sum, { size }) => sum + size, 0)
    report.note(
      'info',
      `LoRA: ${trained.toLocaleString('en')} trained parameters beside ${model.parameterCount.toLocaleString('en')} frozen ones`,
    )
  }
  const dropout = shape.source?.attention_dropout
  if (typeof dropout === 'number' && dropout > 0) {
    report.note('warning', `config.json has attention_dropout ${dropout}; this trainer drops nothing out`)
  }
  const workers = config.workers === 1 ? null : new Workers(config.workers, { model, reference, tokenizer }, backend)
  if (workers?.remark) report.note('warning', workers.remark)
  const { step, tokens, prompts } = resumed?.state ?? { step: 0, tokens: 0, prompts: 0 }
  if (resumed !== null && resumed.state.definitions !== definitions) report.note('warning', olderDefinitions(step))
  const from = { step, tokens, prompts }
  return { job, config, backend, report, model, reference, optimizer, tokenizer, workers, resumed: from }
}

/**
 * Runs a course to its end, or until it is asked to leave.
 * @returns 'stopped' where it was asked to leave; the state is saved either way
 * @throws where a loss, a gradient or a parameter is no number any more: then nothing is saved
 */
export async function runCourse(training: Training, course: Course, stop: StopSignal): Promise<'done' | 'stopped'> {
  try {
    return await runSteps(training, course, stop)
  } finally {
    await training.workers?.close()
  }
}

async function runSteps(training: Training, course: Course, stop: StopSignal): Promise<'done' | 'stopped'> {
  const { job, config, report, model, reference, optimizer, tokenizer, resumed } = training
  const movesEvery = config.trainer === 'grpo' ? config.reference_update_steps : 0
  const heldOut = config.evaluate_every_steps > 0 ? heldOutQuestions(config) : []
  const { steps, milestones, stepsPerEpoch } = course
  const keeper = new CheckpointKeeper(path.join(job.runFolder, 'checkpoints'), report, {
    last: config.keep_last,
    best: config.keep_best,
  })
  const epochAt = (step: number) => (stepsPerEpoch === null ? null : step / stepsPerEpoch)
  let { tokens, prompts } = resumed
  // two hundred looks at the progress are enough, however many steps there are
  const progressEvery = Math.ceil(steps / 200)
  const save = (step: number, milestone: boolean) => {
    const epoch = epochAt(step)
    const { updates } = optimizer
    const state = { definitions, trainer: config.trainer, step, epoch, updates, tokens, prompts, config }
    keeper.save({ model, optimizer, tokenizer, milestone, state, reference: movesEvery > 0 ? reference : null })
  }
  for (let step = resumed.step + 1; step <= steps; step++) {
    const startedAt = performance.now()
    const learningRate = learningRateAt(step, steps, {
      learningRate: config.learning_rate,
      warmUpSteps: config.warm_up_steps,
      minimumRatio: config.minimum_learning_rate_ratio,
      schedule: config.schedule,
    })
    const outcome = await course.step(step, learningRate, prompts)
    tokens += outcome.tokens
    prompts += outcome.prompts ?? 0
    if (movesEvery > 0 && step % movesEvery === 0 && config.trainer === 'grpo')
      reference?.moveTowards(model, config.reference_mixup)
    const epoch = epochAt(step)
    const tokensPerSecond = Math.round(outcome.tokens / ((performance.now() - startedAt) / 1000))
    const isEvaluated = heldOut.length > 0 && (step % config.evaluate_every_steps === 0 || step === steps)
    report.metrics(step, {
      ...outcome.metrics,
      learning_rate: learningRate,
      tokens_per_second: tokensPerSecond,
      tokens,
      ...(epoch === null ? {} : { epoch }),
      ...(isEvaluated && (await accuracies(training, heldOut))),
    })
    for (const sample of outcome.samples ?? []) report.event(sample)
    requireNumbers(outcome.metrics, step, config)
    keeper.observe(outcome.figure)
    if (step % progressEvery === 0 || step === steps) report.event({ type: 'progress', done: step, total: steps })
    const atMilestone = milestones.has(step) || step === steps
    const inBetween = config.checkpoint_every_steps > 0 && step % config.checkpoint_every_steps === 0
    // signals are handled between steps
    await setImmediate()
    if (atMilestone || inBetween || stop.requested) save(step, atMilestone)
    if (stop.requested && step < steps) return 'stopped'
  }
  if (resumed.step >= steps) save(resumed.step, true)
  return 'done'
}

/** What a run that an earlier version began is told when it goes on. */
function olderDefinitions(step: number): string {
  return (
    `The first ${step} steps were made by an earlier version, whose cosine fell during the warm-up too and whose GRPO divided advantages by the ` +
    'population deviation and drew prompts with replacement; the steps from here on follow docs/trainer.md'
  )
}

/** What is looked at after each step. */
const finiteMetrics = { loss: 'loss', gradient_norm: "gradient's norm" } as const

function requireNumbers(metrics: StepOutcome['metrics'], step: number, config: TrainerConfig): void {
  for (const [name, words] of Object.entries(finiteMetrics)) {
    const value = metrics[name]
    if (value !== undefined && !Number.isFinite(value))
      throw notFinite(`The ${words} is ${value} at step ${step}`, config)
  }
}
