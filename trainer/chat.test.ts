import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { answerQuestions, greedy } from './answering.ts'
import { startBackend } from './backend.ts'
import { newModelConfig } from '../contract/model-config.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { beforeStop, stopsAt } from './stop.ts'
import { arithmeticTokenizer, encodePrompt, readTokenizer } from './tokenizer.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-chat-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const own = arithmeticTokenizer()
for (const [name, text] of own.files) writeFileSync(path.join(folder, name), text)
writeFileSync(
  path.join(folder, 'chat_template.jinja'),
  `{%- for message in messages %}
{{ message.role[0] }}:{{ message.content | trim }};
{%- endfor %}
{%- if add_generation_prompt %}a:{% endif %}`,
)
const format = (change: object) => readTrainerConfig({ trainer: 'sft', ...change })

test('a prompt is a message in the chat template, after the system message, and in its own template first', () => {
  const tokenizer = readTokenizer(folder)
  const text = (change: object) => tokenizer.decode(encodePrompt(tokenizer, format(change), '1+1='))
  expect(text({})).toBe('1+1=')
  expect(text({ chat_template: true })).toBe('u:1+1=;a:')
  expect(text({ chat_template: true, system_prompt: 'so', prompt_template: '{prompt} ?' })).toBe('s:so;u:1+1= ?;a:')
})

test('a tokenizer without a template, or one that fails, says so', () => {
  const chat = format({ chat_template: true })
  expect(() => encodePrompt(own, chat, '1')).toThrow('the built-in tokenizer has no chat template; expected')
  const broken = mkdtempSync(path.join(tmpdir(), 'sweepboard-chat-'))
  for (const [name, text] of own.files) writeFileSync(path.join(broken, name), text)
  writeFileSync(path.join(broken, 'chat_template.jinja'), "{{ raise_exception('no such role') }}")
  const written = () => encodePrompt(readTokenizer(broken), chat, '1')
  expect(written).toThrow(`${broken}: the chat template fails: `)
  // the library drops what a pass wrote before it broke off
  const loop = (body: string) =>
    writeFileSync(path.join(broken, 'chat_template.jinja'), `{% for message in messages %}${body}{% endfor %}`)
  loop('{{ message.content }}{% if loop.first %}{% break %}{% endif %}')
  expect(written).toThrow('break or continue after text in the same pass of a loop is not supported')
  loop('{% set seen = 1 %}{% if not loop.first %}{% break %}{% else %}{{ message.content }}{% endif %}')
  expect(written()).toEqual(own.encode('1'))
  rmSync(broken, { recursive: true })
})

test('a response ends at a stop text and is read up to it', async () => {
  expect(beforeStop('1+1=2;so', [';', '2;'])).toBe('1+1=')
  expect(beforeStop('1+1=2', ['\n'])).toBe('1+1=2')
  expect(stopsAt(own, [])).toBeNull()
  const stops = stopsAt(own, ['=2', 'boxed{'])!
  expect(stops(own.encode('1+1='))).toBe(false)
  expect(stops(own.encode('1+1=2'))).toBe(true)
  expect(stops(own.encode('so \\boxed{'))).toBe(true)

  const { backend } = await startBackend('wasm')
  const config = format({ width: 16, heads: 2, layers: 1, maximum_new_tokens: 40 })
  const model = new Qwen2(newModelConfig(config), initialWeights(newModelConfig(config), 3), backend)
  const question = { id: '1', prompt: '1+1=', answer: '2' }
  const sampling = { ...greedy, temperature: 2 }
  const [free] = await answerQuestions({ model, tokenizer: own, workers: null }, [question], config, sampling)
  const stop = free!.response.slice(12, 14)
  const [stopped] = await answerQuestions(
    { model, tokenizer: own, workers: null },
    [question],
    { ...config, stop: [stop] },
    sampling,
  )
  expect(stop).toHaveLength(2)
  expect(stopped!.response).toBe(free!.response.slice(0, free!.response.indexOf(stop)))
  model.dispose()
})
