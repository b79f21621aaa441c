/**
 * Threads beside the training's own that do a part of its work, each with a model of its own. Weights go to them and gradients come
 * back in memory that all threads share; everything else is sent.
 *
 * They are threads and not processes, so that weights are shared and none outlives the training. A worker that ends before it was asked
 * to ends the training.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Variable } from '@tensorflow/tfjs'
import type { Backend } from '../backend.ts'
import type { Qwen2 } from '../model/qwen2.ts'
import type { Replica } from './loss.ts'
import type { Answers, SharedValues, Task, WorkerStart } from './task.ts'
import { layDown } from './values.ts'

/** A copy of the variables' values in memory that threads share; `fill` false leaves zeros. */
function shared(variables: ReadonlyMap<string, Variable>, fill = true): SharedValues {
  return new Map(
    [...variables].map(([name, variable]) => {
      const values = new Float32Array(new SharedArrayBuffer(4 * variable.size))
      if (fill) values.set(variable.dataSync<'float32'>())
      return [name, values]
    }),
  )
}

export class Workers {
  /** All that work, the training's own thread among them. */
  readonly count: number
  private readonly model: Qwen2
  private readonly reference: Qwen2 | null
  private readonly values: { trained: SharedValues; reference: SharedValues | null; gradients: SharedValues[] }
  private readonly threads: Thread[]

  /**
   * Starts the threads; what they lack to start with is told when they are first asked.
   * @param count all that work, the caller's thread among them: at least 2
   * @throws where the back end cannot be loaded by several threads
   */
  constructor(count: number, { model, reference, tokenizer }: Replica, backend: Backend) {
    if (backend.name.startsWith('tfjs-node'))
      throw new Error(
        `workers is ${count}, and ${backend.description} uses all cores for each operation; expected workers: 1, or the back end wasm`,
      )
    this.count = count
    this.model = model
    this.reference = reference
    const weights = shared(model.parameters)
    const trained = model.adapter === null ? weights : shared(model.trained)
    // the reference of an adapter is the model without it
    const ofReference = reference === null || model.adapter !== null ? null : shared(reference.parameters)
    const others = Array.from({ length: count - 1 }, (_, index) => index + 2)
    this.values = {
      trained,
      reference: ofReference,
      gradients: others.map(() => shared(model.trained, false)),
    }
    this.threads = others.map((number, index) => {
      const start: WorkerStart = {
        backend: backend.name,
        kernels: backend.kernels?.module ?? null,
        shape: model.config,
        weights,
        adapter: model.adapter === null ? null : { settings: model.adapter.settings, values: trained },
        reference: reference !== null && model.adapter !== null ? 'base' : ofReference,
        gradients: this.values.gradients[index]!,
        tokenizerFiles: tokenizer.files,
      }
      return new Thread(start, `Worker ${number} of ${count}`)
    })
  }

  /** What is worth a note before anything is done; null where nothing is. */
  get remark(): string | null {
    const cores = availableParallelism()
    return this.count <= cores
      ? null
      : `workers is ${this.count}, and this machine has ${cores} cores: more workers than cores take longer`
  }

  /**
   * Asks each of the other threads, which begin at once; null leaves one out. The weights that they work with are the model's of now.
   * @returns their answers, in their order
   * @throws where one of them ended, saying which and why
   */
  ask<Kind extends Task['kind']>(
    tasks: readonly (Extract<Task, { kind: Kind }> | null)[],
  ): Promise<(Answers[Kind] | null)[]> {
    if (tasks.some((task) => task !== null)) {
      for (const [name, values] of this.values.trained) layDown(this.model, this.model.trained.get(name)!, values)
      for (const [name, values] of this.values.reference ?? [])
        layDown(this.reference!, this.reference!.parameter(name), values)
    }
    const answers = Promise.all(
      this.threads.map((thread, index) => (tasks[index] == null ? null : thread.ask(tasks[index]))),
    )
    // whoever asked may fail at a part of its own before it awaits these
    answers.catch(() => {})
    return answers as Promise<(Answers[Kind] | null)[]>
  }

  /** The gradients that a thread laid down with its last answer, by the trained parameters' names. */
  gradients(thread: number): SharedValues {
    return this.values.gradients[thread]!
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()))
  }
}

/** One thread. It keeps the process alive only while it is asked. */
class Thread {
  private readonly worker: Worker
  private readonly name: string
  private fault: Error | null = null
  private waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void } | null = null

  constructor(start: WorkerStart, name: string) {
    this.name = name
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: start })
    this.worker.unref()
    this.worker.on('message', (answer) => {
      this.worker.unref()
      const { resolve } = this.waiting!
      this.waiting = null
      resolve(answer)
    })
    this.worker.on('error', (error) => this.fail(error instanceof Error ? error.message : String(error)))
    this.worker.on('exit', (code) => this.fail(`exit code ${code}`))
  }

  ask(task: Task): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.fault !== null) return reject(this.fault)
      this.worker.ref()
      this.waiting = { resolve, reject }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      this.worker.postMessage(task)
    })
  }

  end(): Promise<number> {
    return this.worker.terminate()
  }

  private fail(reason: string): void {
    this.fault ??= new Error(`${this.name} ended before the training did: ${reason}`)
    this.waiting?.reject(this.fault)
    this.waiting = null
  }
}
