import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTokenizer } from './tokenizer.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-tokenizer-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("a vocabulary of a real model's size is read", () => {
  const tokens = ['a', 'b', 'ab', '<end>', ...Array.from({ length: 150_000 }, (_, index) => `token ${index}`)]
  const model = { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [['a', 'b']] }
  writeFileSync(
    path.join(folder, 'tokenizer.json'),
    JSON.stringify({
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: 'Fuse' },
      model,
    }),
  )
  writeFileSync(path.join(folder, 'tokenizer_config.json'), '{"eos_token":"<end>"}')
  const tokenizer = readTokenizer(folder)
  expect(tokenizer.vocabulary).toBe(150_004)
  expect(tokenizer.encode('abba')).toEqual([2, 1, 0])
})
