/**
 * Folders of the shapes of Qwen2.5-0.5B and Qwen2.5-Math-1.5B (random weights in BF16, a tokenizer of their layout and size): read, asked a
 * few questions and trained for some LoRA steps by the built-in trainer, or refused with what is missing. Seconds and peak memory.
 *
 * By hand, as one takes up to 13 GiB and minutes: node bench/real-shapes.ts [0.5B] [1.5B] ['LoRA training' …]
 * SWEEPBOARD_BACKEND chooses the back end; BENCH_FOLDER keeps the folders between two calls (BENCH_FOLDER=/tmp/shapes).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromHuggingFace } from '../contract/model-config.ts'
import { parts } from '../trainer/model/parts.ts'
import { randomStream } from '../trainer/rng.ts'
import { trainingJob } from '../trainer/training-job.ts'

const common = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  hidden_act: 'silu',
  initializer_range: 0.02,
  max_window_layers: 21,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  use_sliding_window: false,
  vocab_size: 151936,
  bos_token_id: 151643,
  eos_token_id: 151645,
}
const shapes: Record<string, Record<string, unknown>> = {
  '0.5B': {
    ...common,
    hidden_size: 896,
    intermediate_size: 4864,
    max_position_embeddings: 32768,
    num_attention_heads: 14,
    num_hidden_layers: 24,
    rope_theta: 1000000,
    sliding_window: 32768,
  },
  '1.5B': {
    ...common,
    hidden_size: 1536,
    intermediate_size: 8960,
    max_position_embeddings: 4096,
    num_attention_heads: 12,
    num_hidden_layers: 28,
    rope_theta: 10000,
    sliding_window: 4096,
  },
}

/** Weights of the initial deviation, gains of 1: a pool of values over and over, written a tensor at a time. */
function writeWeights(file: string, source: Record<string, unknown>): void {
  const random = randomStream('real shapes')
  const bfloat16 = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16
  const pool = Uint16Array.from({ length: (1 << 20) + 7 }, () => bfloat16(0.02 * random.normal()))
  const ones = new Uint16Array(pool.length).fill(bfloat16(1))
  const tensors = parts(fromHuggingFace(source, 'config.json'))
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  const sizes = tensors.map(({ shape }) => shape.reduce((product, size) => product * size, 1))
  let offset = 0
  for (const [index, { stored, shape }] of tensors.entries())
    header[stored] = { dtype: 'BF16', shape, data_offsets: [offset, (offset += 2 * sizes[index]!)] }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const handle = openSync(file, 'w')
  writeSync(handle, Buffer.concat([length, text]))
  for (const [index, { stored }] of tensors.entries()) {
    const values = stored.includes('norm') ? ones : pool
    for (let left = sizes[index]!; left > 0; left -= values.length)
      writeSync(handle, new Uint8Array(values.buffer, 0, 2 * Math.min(left, values.length)))
  }
  closeSync(handle)
}

/** The symbols that stand for bytes in a byte-level vocabulary. */
function byteSymbols(): string[] {
  const isShown = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 173) || byte > 173
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isShown(byte) ? byte : next++))
}

/** A byte-level tokenizer of 151,643 tokens, merged at random, with the special tokens after them. */
function writeTokenizer(folder: string): void {
  const random = randomStream('real tokenizer')
  const tokens = byteSymbols()
  const known = new Set(tokens)
  const merges: [string, string][] = []
  while (tokens.length < 151643) {
    const [first, second] = [0, 0].map(() => tokens[random.integer(0, Math.min(tokens.length, 20000) - 1)]!) as [
      string,
      string,
    ]
    if (known.has(first + second) || first.length + second.length > 12) continue
    known.add(first + second)
    tokens.push(first + second)
    merges.push([first, second])
  }
  const special = [
    '<|endoftext|>',
    '<|im_start|>',
    '<|im_end|>',
    ...Array.from({ length: 19 }, (_, index) => `<|other_${index}|>`),
  ]
  const pattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
  const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
  }
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, index) => ({ id: tokens.length + index, content, ...flags })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevel] },
    post_processor: byteLevel,
    decoder: byteLevel,
    model: { ...model, vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  }
  writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  const config = {
    tokenizer_class: 'Qwen2Tokenizer',
    eos_token: '<|im_end|>',
    pad_token: '<|endoftext|>',
    unk_token: null,
    chat_template:
      '{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}',
  }
  writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify(config))
}

/** Which of these the command names. */
const asksFor = (names: string[]) => new Set(process.argv.slice(2).filter((name) => names.includes(name)))

const main = fileURLToPath(new URL('../trainer/main.ts', import.meta.url))
const kept = process.env.BENCH_FOLDER
const root = kept ?? mkdtempSync(path.join(tmpdir(), 'bench-real-shapes-'))

/** Runs a job of the trainer: its exit code, seconds of time and of processor time, peak memory in GiB, and what it said. */
async function run(name: string, job: Parameters<typeof trainingJob>[0]) {
  const file = path.join(root, `${name}.json`)
  rmSync(job.runFolder, { recursive: true, force: true })
  mkdirSync(job.runFolder, { recursive: true })
  writeFileSync(file, JSON.stringify(trainingJob(job)))
  const startedAt = performance.now()
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SWEEPBOARD_JOB: file, SWEEPBOARD_EVENTS: job.eventsFile },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  let [peak, ticks] = [0, 0]
  const timer = setInterval(() => {
    // it may end between two looks
    const read = (name: string) =>
      existsSync(`/proc/${child.pid}/${name}`) ? readFileSync(`/proc/${child.pid}/${name}`, 'utf8') : ''
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(read('status'))?.[1] ?? 0))
    const [user, system] = (read('stat').split(') ')[1] ?? '').split(' ').slice(11, 13).map(Number)
    ticks = Math.max(ticks, (user ?? 0) + (system ?? 0))
  }, 100)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(timer)
  return {
    code,
    seconds: (performance.now() - startedAt) / 1000,
    processor: ticks / 100,
    peak: peak / 2 ** 20,
    said: said.trim(),
  }
}

for (const [name, source] of Object.entries(shapes)) {
  if (asksFor(Object.keys(shapes)).size > 0 && !asksFor(Object.keys(shapes)).has(name)) continue
  const init = path.join(root, name)
  if (!existsSync(path.join(init, 'done'))) {
    mkdirSync(init, { recursive: true })
    writeFileSync(path.join(init, 'config.json'), JSON.stringify(source, null, 2))
    writeTokenizer(init)
    writeWeights(path.join(init, 'model.safetensors'), source)
    writeFileSync(path.join(init, 'done'), '')
  }
  const lines = (count: number, line: (index: number) => object) =>
    Array.from({ length: count }, (_, index) => `${JSON.stringify(line(index))}\n`).join('')
  const [questions, examples] = [path.join(root, 'questions.jsonl'), path.join(root, 'examples.jsonl')]
  writeFileSync(
    questions,
    lines(3, (index) => ({ question: `What is ${index} + ${index + 30}?`, answer: `#### ${2 * index + 30}` })),
  )
  writeFileSync(
    examples,
    lines(12, (index) => ({ prompt: `What is ${index} + 1?`, solution: `It is \\boxed{${index + 1}}.` })),
  )
  const asked = { benchmarks: [questions], maximum_new_tokens: 16, chat_template: true }
  const folderOf = (kind: string) => path.join(root, `${name}-${kind}`)
  const evaluation = {
    checkpoint: init,
    step: 0,
    epoch: null,
    report: path.join(folderOf('evaluation'), 'report.json'),
  }
  const training = {
    trainer: 'sft',
    lora_rank: 8,
    data: examples,
    batch_size: 4,
    steps: 3,
    warm_up_steps: 0,
    learning_rate: 1e-3,
    row_length: 256,
    chat_template: true,
  }
  const jobs: Record<string, Partial<Parameters<typeof trainingJob>[0]> & { config: Record<string, unknown> }> = {
    evaluation: { kind: 'evaluation', config: { trainer: 'sft', ...asked }, evaluation },
    'LoRA training': { config: training, init },
    'LoRA evaluation': {
      kind: 'evaluation',
      config: { trainer: 'sft', ...asked },
      evaluation: {
        ...evaluation,
        checkpoint: path.join(folderOf('LoRA training'), 'checkpoints', 'step-3'),
        step: 3,
        report: path.join(folderOf('LoRA evaluation'), 'report.json'),
      },
    },
    'whole training': { config: { ...training, lora_rank: 0 }, init },
  }
  for (const [kind, job] of Object.entries(jobs)) {
    const kinds = asksFor(Object.keys(jobs))
    if (kinds.size > 0 && !kinds.has(kind)) continue
    // what was refused has no checkpoint to be asked
    if (kind === 'LoRA evaluation' && !existsSync(job.evaluation!.checkpoint)) continue
    const eventsFile = path.join(root, `${name}-${kind}.jsonl`)
    rmSync(eventsFile, { force: true })
    const { code, seconds, processor, peak, said } = await run(`${name}-${kind}`, {
      runFolder: folderOf(kind),
      eventsFile,
      ...job,
    })
    const events = readFileSync(eventsFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { type: string; values?: { loss?: number } })
    const losses = events.flatMap(({ values }) => (values?.loss === undefined ? [] : [values.loss.toFixed(4)]))
    console.log(
      `${name}, ${kind}: exit code ${code}, ${seconds.toFixed(0)} s (${processor.toFixed(0)} s of processor time), ${peak.toFixed(1)} GiB at most${losses.length > 0 ? `, losses ${losses.join(', ')}` : ''}${said === '' ? '' : `\n  ${said}`}`,
    )
  }
}
if (kept === undefined) rmSync(root, { recursive: true, force: true })
