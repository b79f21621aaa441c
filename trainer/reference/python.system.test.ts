/**
 * Folders written by the real transformers and PEFT read here, and checkpoints written here opened by them: the logits within 1e-3 and the
 * same ids for 300 tricky texts of two tokenizers. Models tied and untied, with grouped queries and without, in float32 and bfloat16,
 * in shards and whole; each as it is, with a LoRA adapter, and with one merged. By command, as it needs PyTorch:
 *
 *     TRANSFORMERS=VENV4/bin/python,VENV5/bin/python npx vitest run --project system trainer/reference/python
 *
 * with virtual environments that have torch, peft and transformers 4 and 5. The unit tests beside hold recorded numbers of both.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import { readModel } from '../checkpoint.ts'
import { normalize } from '../kernels/plain.ts'
import { writeModelFolder } from '../model/hugging-face.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { openReporter } from '../report.ts'
import { runTraining } from '../run-training.ts'
import { arithmeticTokenizer } from '../tokenizer.ts'
import { trainingJob } from '../training-job.ts'

const pythons = (process.env.TRANSFORMERS ?? '').split(',').filter((python) => python !== '')
const script = fileURLToPath(new URL('real-folders.py', import.meta.url))
const recorded = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const ids = Array.from({ length: 24 }, (_, index) => (7 * index + 3) % 61)

let backend: Backend
const folders: string[] = []
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function logitsOf({ config, weights }: ReturnType<typeof readModel>): Float32Array {
  const model = new Qwen2(config, weights, backend)
  const logits = tf.tidy(() => {
    const hidden = model.hidden(tf.tensor1d(ids, 'int32'), tf.zeros([ids.length], 'int32') as Tensor1D, 1, ids.length)
    const last = normalize(hidden, model.parameter('finalGain') as unknown as Tensor1D, config.normEpsilon)
    return tf
      .matMul(last, model.headTable as unknown as Tensor2D, false, true)
      .dataSync<'float32'>()
      .slice()
  })
  model.dispose()
  return logits
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(Math.abs(a.length - b.length), ...Array.from(a, (value, index) => Math.abs(value - b[index]!)))

/** Trains for two steps from a folder and returns the checkpoint. */
async function trained(root: string, name: string, settings: Record<string, unknown>): Promise<string> {
  const config = {
    trainer: 'sft',
    data: path.join(root, 'data.jsonl'),
    batch_size: 4,
    steps: 2,
    warm_up_steps: 0,
    ...settings,
  }
  const runFolder = path.join(root, 'runs', name)
  mkdirSync(runFolder, { recursive: true })
  const job = trainingJob({
    config,
    init: path.join(root, settings.from as string),
    runFolder,
    eventsFile: `${runFolder}.jsonl`,
  })
  const { from: _from, ...checked } = config as Record<string, unknown>
  const report = openReporter(job.eventsFile)
  await runTraining(job, readTrainerConfig(checked), backend, report, { requested: false })
  report.close()
  return path.join(runFolder, 'checkpoints', 'step-2')
}

type Told = {
  version: string
  folders: Record<string, { kind: 'arithmetic' | 'byteLevel'; logits: never; ids: number[][] }>
}

test.skipIf(pythons.length === 0).each(pythons.length === 0 ? ['TRANSFORMERS names none'] : pythons)(
  '%s: its folders are read here, and what is trained from them is opened there',
  async (python) => {
    const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-python-'))
    folders.push(root)
    const chat = recorded('chat-numbers.json')
    const texts = {
      arithmetic: recorded('transformers-numbers.json').texts as string[],
      byteLevel: chat.texts as string[],
    }
    const kinds = { arithmetic: arithmeticTokenizer().files, byteLevel: new Map<string, string>() }
    kinds.byteLevel.set('tokenizer.json', chat['4.57.6'].tokenizer)
    for (const [name, text] of Object.entries(chat['4.57.6'].shapes.ChatML.files))
      kinds.byteLevel.set(name, text as string)
    for (const [kind, files] of Object.entries(kinds)) {
      mkdirSync(path.join(root, kind))
      writeFileSync(path.join(root, kind, 'config.json'), '{"model_type":"qwen2"}')
      for (const [name, text] of files) writeFileSync(path.join(root, kind, name), text)
    }
    const examples = Array.from({ length: 8 }, (_, index) => ({ prompt: `${index}+1=`, solution: `${index + 1}` }))
    writeFileSync(path.join(root, 'data.jsonl'), examples.map((example) => `${JSON.stringify(example)}\n`).join(''))
    const ask = async (command: string, ours: Record<string, string>): Promise<Told> => {
      const asked = { ids, texts, ours, vocabulary: { arithmetic: 64, byteLevel: 352 } }
      writeFileSync(path.join(root, 'asked.json'), JSON.stringify(asked))
      const environment = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' }
      await promisify(execFile)(python, [script, command, root], { env: environment, maxBuffer: 1 << 26 })
      return JSON.parse(readFileSync(path.join(root, 'told.json'), 'utf8'))
    }

    const theirs = await ask('write', {})
    expect(Object.keys(theirs.folders)).toHaveLength(2 * 2 * 2 * 2 * 3)
    const worst = { read: 0, opened: 0 }
    for (const [name, { kind, logits, ids: expected }] of Object.entries(theirs.folders)) {
      const read = readModel(path.join(root, name))
      worst.read = Math.max(worst.read, furthest(logitsOf(read), logits))
      expect(
        texts[kind].map((text) => read.tokenizer.encode(text)),
        name,
      ).toEqual(expected)
    }
    expect(worst.read).toBeLessThan(1e-3)

    const ours: Record<string, string> = {}
    const lora = { lora_rank: 3, use_rslora: true }
    for (const [from, { kind }] of Object.entries(theirs.folders)) {
      const isBase = !from.endsWith(', adapter') && !from.endsWith(', merged')
      const ways = { whole: {}, ...(isBase && { adapter: lora, merged: { ...lora, lora_checkpoints: 'merged' } }) }
      for (const [way, settings] of Object.entries(ways)) {
        const checkpoint = await trained(root, `${from}; ${way}`, { ...settings, from })
        ours[path.relative(root, checkpoint)] = kind
      }
      if (!isBase) continue
      const { config, weights, tokenizer } = readModel(path.join(root, from))
      const half = `${from}; bfloat16`
      writeModelFolder(path.join(root, half), config, weights, tokenizer, 'BF16')
      ours[half] = kind
    }
    const opened = await ask('open', ours)
    expect(Object.keys(opened.folders)).toHaveLength(16 * 3 + 16 * 2 + 16)
    for (const [name, { logits, ids: given }] of Object.entries(opened.folders)) {
      const read = readModel(path.join(root, name))
      const own = logitsOf(read)
      for (const way of logits as number[][]) worst.opened = Math.max(worst.opened, furthest(own, way))
      const kind = ours[name] as 'arithmetic' | 'byteLevel'
      expect(
        texts[kind].map((text) => read.tokenizer.encode(text)),
        name,
      ).toEqual(given)
    }
    expect(worst.opened).toBeLessThan(1e-3)
    const count = `${Object.keys(theirs.folders).length} folders read, ${Object.keys(opened.folders).length} opened there`
    process.stderr.write(
      `transformers ${opened.version}: ${count}; logits at most ${worst.read.toExponential(1)} and ${worst.opened.toExponential(1)} apart\n`,
    )
  },
  600_000,
)
