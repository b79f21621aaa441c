/** The adapter that a LoRA training works on: a new one, or that of a checkpoint. */
import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'
import type { Backend } from './backend.ts'
import type { LoadedModel } from './checkpoint.ts'
import { Adapter, initialAdapter } from './model/adapter.ts'
import { writeModelFolder } from './model/hugging-face.ts'
import { isAdapter } from './model/lora.ts'

/**
 * Opens the adapter of a run; null where it trains none. Its checkpoints name the folder of the model that it is trained on: that of `init`; where there is none, or it
 * is an adapter itself, the run's own folder `base`, which is written here.
 * @param model what the run starts from
 * @param resumed the checkpoint that it goes on from
 * @throws where that holds an adapter and none is trained, or the other way round
 */
export function openAdapter(
  job: Job,
  config: TrainerConfig,
  backend: Backend,
  model: LoadedModel,
  resumed: { adapter: { values: Map<string, Float32Array>; base: string } | null } | null,
): Adapter | null {
  const found = resumed?.adapter ?? null
  if (resumed !== null && (found !== null) !== config.lora_rank > 0)
    throw new Error(
      `lora_rank is ${config.lora_rank}, and ${job.resume} holds ${found === null ? 'no' : 'an'} adapter; expected the lora_rank that it was written with`,
    )
  if (config.lora_rank === 0) return null
  const values = found?.values ?? initialAdapter(model.config, config, config.seed)
  const base = found?.base ?? baseFolder(job, model)
  return new Adapter(model.config, config, values, base, backend)
}

function baseFolder(job: Job, { config, weights, tokenizer }: LoadedModel): string {
  if (job.init !== null && !isAdapter(job.init)) return path.resolve(job.init)
  const folder = path.join(path.resolve(job.runFolder), 'base')
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  writeModelFolder(partial, config, weights, tokenizer)
  rmSync(folder, { recursive: true, force: true })
  renameSync(partial, folder)
  return folder
}
