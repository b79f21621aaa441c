import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sweepSchema } from '../../../domain/sweep/sweep.ts'
import { checkTraining } from './check-training.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-check-training-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shape = {
  model_type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 64,
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 48,
  max_position_embeddings: 96,
}

/** A folder as a model's, by its config.json alone: weights are the trainer's to read. */
function model(name: string, config: Record<string, unknown>, without: string[] = []): string {
  mkdirSync(path.join(folder, name))
  const files = {
    'config.json': JSON.stringify(config),
    'tokenizer.json': '{}',
    'tokenizer_config.json': '{}',
    'model.safetensors': '',
  }
  for (const [file, text] of Object.entries(files))
    if (!without.includes(file)) writeFileSync(path.join(folder, name, file), text)
  return name
}
writeFileSync(path.join(folder, 'questions.jsonl'), '\n{"question":"1+1=","answer":2}\nnot looked at here\n')
writeFileSync(path.join(folder, 'math.jsonl'), '{"problem":"1+1=","solution":"\\\\boxed{2}"}\n')
writeFileSync(path.join(folder, 'gsm8k.jsonl'), '{"question":"1+1=","answer":"1 and 1\\n#### 2"}\n')
writeFileSync(path.join(folder, 'prompts.jsonl'), '{"prompt":"1+1="}\n')
writeFileSync(path.join(folder, 'broken.jsonl'), '{"question"\n')
writeFileSync(path.join(folder, 'empty.jsonl'), '\n\n')
const long = '1+'.repeat(600)
writeFileSync(
  path.join(folder, 'long.jsonl'),
  `{"question":"1+1=","answer":"2"}\n\n{"question":"${long}1=","answer":"601"}\n`,
)
writeFileSync(
  path.join(folder, 'foreign.jsonl'),
  '{"problem":"1+1=","answer":"2"}\n{"problem":"Él has 3","answer":"3"}\n',
)
writeFileSync(
  path.join(folder, 'solutions.jsonl'),
  `{"prompt":"1+1=","solution":"\\\\boxed{2}"}\n{"prompt":"1=","solution":"${long}"}\n`,
)
writeFileSync(path.join(folder, 'pairs.jsonl'), `{"prompt":"1+1=","chosen":"2","rejected":"${long}"}\n`)
writeFileSync(path.join(folder, 'texts.jsonl'), `{"text":"1+1=2"}\n{"text":"${long}"}\n`)
model('wide', { ...shape, vocab_size: 151936, max_position_embeddings: 2048 })
model('start', shape)
mkdirSync(path.join(folder, 'adapter'))
writeFileSync(path.join(folder, 'adapter', 'adapter_config.json'), '{"base_model_name_or_path":"../start"}')
model('llama', { ...shape, model_type: 'llama', architectures: ['LlamaForCausalLM'] })
model('yarn', { ...shape, rope_scaling: { rope_type: 'yarn', factor: 4 } })
model('bare', shape, ['model.safetensors'])
model('wordless', shape, ['tokenizer.json'])
model('large', {
  ...shape,
  hidden_size: 2048,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 5632,
  vocab_size: 151936,
})

const issuesOf = (given: Record<string, unknown>, environment = {}) =>
  checkTraining(
    environment,
    sweepSchema.parse({
      name: 'x',
      trainer: 'sft',
      axes: { seed: ['1'] },
      score: { baseline: { 'level-1': 0.5 } },
      ...given,
    }),
    folder,
  )
const start = { axes: { from: ['start', 'nowhere'] }, init: '${from}' }

const faults: [string, Record<string, unknown>, (string | number)[], string | RegExp][] = [
  [
    'a misspelt benchmark',
    { config: { benchmarks: ['level-1', 'levle-2'] } },
    ['config', 'benchmarks', 1],
    'The benchmark "levle-2" is unknown; expected level-2?',
  ],
  [
    'an unknown benchmark',
    { config: { benchmarks: ['GSM8k'] } },
    ['config', 'benchmarks', 0],
    'The benchmark "GSM8k" is unknown; expected level-1, level-2, level-3, level-4 or the path of a .jsonl file.',
  ],
  [
    'a benchmark file that is not there',
    { config: { benchmarks: ['none.jsonl'] } },
    ['config', 'benchmarks', 0],
    'The benchmark none.jsonl does not exist; expected a JSONL file.',
  ],
  [
    'a benchmark file of something else',
    { config: { benchmarks: ['prompts.jsonl'] } },
    ['config', 'benchmarks', 0],
    'The benchmark prompts.jsonl: its first line has no question or problem.',
  ],
  [
    'data that is not JSON',
    { trainer: 'grpo', axes: { data: ['questions.jsonl', 'broken.jsonl'] } },
    ['axes', 'data', 1],
    'data broken.jsonl: its first line is not JSON; expected one JSON object a line.',
  ],
  [
    'data that is empty',
    { config: { data: 'empty.jsonl' } },
    ['config', 'data'],
    'data empty.jsonl is empty; expected one JSON object a line.',
  ],
  [
    'data of another trainer',
    { config: { data: 'prompts.jsonl' } },
    ['config', 'data'],
    'data prompts.jsonl: its first line has no solution or answer.',
  ],
  [
    'one start of two that is not there',
    start,
    ['axes', 'from', 1],
    /^init: \S+nowhere does not exist; expected a Hugging Face folder/,
  ],
  [
    'a start of another architecture',
    { init: 'llama' },
    ['init'],
    /config\.json: the architecture is "LlamaForCausalLM" .*; expected Qwen2ForCausalLM\.$/,
  ],
  [
    'a start that computes what is not computed here',
    { init: 'yarn' },
    ['init'],
    /rope_scaling\.rope_type is "yarn", which is not supported; expected default\.$/,
  ],
  [
    'a start without weights',
    { init: 'bare' },
    ['init'],
    /has neither model\.safetensors nor model\.safetensors\.index\.json\.$/,
  ],
  [
    'a start without a tokenizer',
    { init: 'wordless' },
    ['init'],
    /wordless has no tokenizer\.json; expected a Hugging Face folder\.$/,
  ],
  [
    'responses as long as the context of a start',
    { init: 'start', config: { maximum_new_tokens: 96 } },
    ['config', 'maximum_new_tokens'],
    "maximum_new_tokens is 96, and the model's context has 96 tokens, prompt included; expected fewer.",
  ],
  [
    'responses longer than the context of a new model',
    { axes: { maximum_new_tokens: ['64', '2000'] } },
    ['axes', 'maximum_new_tokens', 1],
    "maximum_new_tokens is 2000, and the model's context has 1024 tokens, prompt included; expected fewer.",
  ],
  [
    'a prompt that leaves no room for its response',
    { trainer: 'grpo', config: { data: 'long.jsonl' } },
    ['config', 'data'],
    /^data long\.jsonl, line 3: The prompt "(?:1\+){30}…" has 1,202 tokens; expected at most 960, the model's context less maximum_new_tokens\.$/,
  ],
  [
    'a question of a benchmark that is longer than the context',
    { config: { benchmarks: ['level-1', 'long.jsonl'] } },
    ['config', 'benchmarks', 1],
    /^The benchmark long\.jsonl, line 3: The prompt .* has 1,202 tokens; expected at most 960, /,
  ],
  [
    'a character that a new model does not know',
    { trainer: 'grpo', config: { data: 'foreign.jsonl' } },
    ['config', 'data'],
    'data foreign.jsonl, line 2: The character "É" in "Él has 3" is not in the vocabulary of the arithmetic task; expected a start model that has it.',
  ],
  [
    'a template that a new model does not know',
    { config: { benchmarks: ['questions.jsonl'], prompt_template: '<|im_start|>{prompt}' } },
    ['config', 'benchmarks', 0],
    /^The benchmark questions\.jsonl, line 2: The character "<" in "<\|im_start\|>1\+1=" is not in/,
  ],
  [
    'a solution that is longer than the context',
    { config: { data: 'solutions.jsonl' } },
    ['config', 'data'],
    "data solutions.jsonl, line 2: 1,203 tokens; expected at most 1,024, the model's context.",
  ],
  [
    'a worse response that is longer than the context',
    { trainer: 'dpo', init: 'start', config: { data: 'pairs.jsonl' } },
    ['config', 'data'],
    "data pairs.jsonl, line 1: 1,205 tokens; expected at most 96, the model's context.",
  ],
  [
    'a text that is longer than the context',
    { trainer: 'pretrain', config: { data: 'texts.jsonl' } },
    ['config', 'data'],
    "data texts.jsonl, line 2: 1,201 tokens; expected at most 1,024, the model's context.",
  ],
  [
    'the chat template of a new model',
    { config: { chat_template: true } },
    ['config', 'chat_template'],
    'chat_template is true, and a new model has none; expected a start model that has one.',
  ],
  [
    'a start model without a chat template',
    { init: 'start', config: { chat_template: true } },
    ['config', 'chat_template'],
    /^chat_template is true, and .*start has no chat_template\.jinja, nor one in its tokenizer_config\.json; expected one of them\.$/,
  ],
  [
    'a new model that no memory holds',
    { axes: { width: ['64', '8192'] }, config: { layers: 200 } },
    ['axes', 'width', 1],
    /^A model of 161,\d{3},\d{3},\d{3} parameters takes \d{4}\.\d GiB to train .* the wasm back end holds 4\.0 GiB: \d{4}\.\d GiB are missing; expected a smaller model\.$/,
  ],
  [
    'a start that no memory holds',
    { init: 'large' },
    ['init'],
    /^A model of 1,\d{3},\d{3},\d{3} parameters takes \d\d\.\d GiB to train .*; expected a smaller model\.$/,
  ],
]
for (const [name, given, place, message] of faults) {
  test(`${name} is told before anything starts, with its place`, () => {
    const issues = issuesOf(given, { SWEEPBOARD_BACKEND: 'wasm' })
    expect(issues).toEqual([
      { path: place, message: typeof message === 'string' ? message : expect.stringMatching(message) },
    ])
  })
}

test('what is there has no issues, from the folder of the sweep file', () => {
  expect(issuesOf({ init: 'start', config: { benchmarks: ['level-1', 'questions.jsonl'] } })).toEqual([])
  expect(issuesOf({ trainer: 'grpo', init: path.join(folder, 'start'), config: { data: 'questions.jsonl' } })).toEqual(
    [],
  )
  expect(issuesOf({ trainer: 'pretrain', config: { data: 'prompts.jsonl' } })).toEqual([])
  // an adapter is looked at with the model that it names
  expect(issuesOf({ init: 'adapter' })).toEqual([])
  expect(issuesOf({ init: 'adapter', config: { chat_template: true } })).toMatchObject([
    { message: expect.stringMatching(/start has no chat_template\.jinja/) },
  ])
  // MATH's solutions, and GSM8K's worked answers
  expect(issuesOf({ trainer: 'grpo', config: { data: 'math.jsonl' } })).toEqual([])
  expect(issuesOf({ init: 'wide', config: { data: 'gsm8k.jsonl', benchmarks: ['math.jsonl'] } })).toEqual([])
  // no more questions are asked than these
  expect(issuesOf({ config: { benchmarks: ['long.jsonl'], maximum_questions: 1 } })).toEqual([])
  // a model with a tokenizer of its own: the trainer asks it
  expect(issuesOf({ trainer: 'grpo', init: 'wide', config: { data: 'foreign.jsonl' } })).toEqual([])
  expect(issuesOf({ config: { benchmarks: ['long.jsonl'], maximum_new_tokens: 64 }, init: 'wide' })).toEqual([])
})

test('the weights that a run started from count where the loss needs them, and another back end has the memory of the machine', () => {
  const config = { layers: 14, width: 1200, heads: 8 }
  expect(issuesOf({ trainer: 'grpo', config }, { SWEEPBOARD_BACKEND: 'wasm' })).toEqual([])
  const withReference = { trainer: 'grpo', config: { ...config, kl_coefficient: 0.1 } }
  expect(issuesOf(withReference, { SWEEPBOARD_BACKEND: 'wasm' })).toMatchObject([{ path: ['config', 'width'] }])
  expect(issuesOf(withReference, { SWEEPBOARD_BACKEND: 'tfjs-node' })).toEqual([])
})
