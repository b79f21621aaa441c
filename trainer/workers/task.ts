/** What goes between the training's thread and its workers. */
import type { ModelConfig } from '../../contract/model-config.ts'
import type { LoraSettings, TrainerConfig } from '../../contract/trainer-settings.ts'
import type { BackendName } from '../backend.ts'
import type { Generated, GenerateOptions } from '../model/generate.ts'

/** How prompts are continued, as plain data. */
export type Asked = Omit<GenerateOptions, 'stop' | 'interrupted' | 'endOfText'> & { stop: readonly string[] }

/** Values by name, in memory that threads share. */
export type SharedValues = ReadonlyMap<string, Float32Array>

/** What a worker is started with. */
export type WorkerStart = {
  backend: BackendName
  /** The compiled kernels, so that they are compiled once. */
  kernels: WebAssembly.Module | null
  shape: ModelConfig
  /** All weights; those that are trained are read from `trained` before each task. */
  weights: SharedValues
  adapter: { settings: LoraSettings; values: SharedValues } | null
  /** Weights of the model that the loss compares with, or that it is the model without its adapter. */
  reference: SharedValues | 'base' | null
  /** Where the worker lays down gradients, by the trained parameters' names. */
  gradients: SharedValues
  tokenizerFiles: ReadonlyMap<string, string>
}

/** What a worker is asked. */
export type Task =
  | { kind: 'gradients'; trainer: TrainerConfig['trainer']; items: readonly unknown[]; context: unknown; size: number }
  | { kind: 'continuations'; prompts: readonly (readonly number[])[]; asked: Asked }

/** What comes back. */
export type Answers = { gradients: Record<string, number>; continuations: Generated[] }
