/**
 * Messages in the chat templates of five shapes, and 300 tricky texts, against what transformers 4 and 5 make of them (record-chat.py):
 * the same text, and the same ids.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ChatMessage } from '../chat.ts'
import { readTokenizer, type Tokenizer } from '../tokenizer.ts'

type Version = {
  tokenizer: string
  ids: number[][]
  shapes: Record<string, { files: Record<string, string>; texts: string[]; ids: number[][] }>
}
const recorded = JSON.parse(readFileSync(new URL('chat-numbers.json', import.meta.url), 'utf8'))
const { conversations, texts } = recorded as { conversations: ChatMessage[][]; texts: string[] }
const versions = ['4.57.6', '5.24.0'].map((name) => [name, recorded[name] as Version] as const)
const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-chat-shapes-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function tokenizerOf({ tokenizer, shapes }: Version, shape: string): Tokenizer {
  const folder = mkdtempSync(path.join(root, 'tokenizer-'))
  writeFileSync(path.join(folder, 'tokenizer.json'), tokenizer)
  for (const [name, text] of Object.entries(shapes[shape]!.files)) writeFileSync(path.join(folder, name), text)
  return readTokenizer(folder)
}

for (const [version, recording] of versions) {
  test.each(Object.keys(recording.shapes))(
    `transformers ${version}'s apply_chat_template, %s: text and ids`,
    (shape) => {
      const tokenizer = tokenizerOf(recording, shape)
      const expected = recording.shapes[shape]!
      const written = conversations.map((messages) => tokenizer.chat(messages))
      expect(written).toEqual(expected.texts)
      expect(written.map((text) => tokenizer.encode(text))).toEqual(expected.ids)
    },
  )

  test(`transformers ${version}'s ids of ${texts.length} tricky texts`, () => {
    const tokenizer = tokenizerOf(recording, 'ChatML')
    const wrong = texts.flatMap((text, index) => {
      const ids = tokenizer.encode(text)
      return ids.join() === recording.ids[index]!.join() ? [] : [{ text, ids, theirs: recording.ids[index] }]
    })
    expect(wrong.slice(0, 3)).toEqual([])
  })
}
