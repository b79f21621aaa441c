import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { missingPart, readName, readSavedPlace } from './checkpoint-folder.ts'

test.each<[string, number | null, number | null]>([
  ['checkpoint-500', 500, null],
  ['global_step_40/actor', 40, null],
  ['iter_0001200', 1200, null],
  ['step=300.ckpt', 300, null],
  ['epoch_3', null, 3],
  ['epoch-2.5', null, 2.5],
  ['epoch_3/checkpoint-1500', 1500, 3],
  ['epoch=2-step=1500.ckpt', 1500, 3],
  ['500', 500, null],
  ['2026-11-28_10-20', null, null],
  ['final', null, null],
])('%s is of step %s and epoch %s', (name, step, epoch) => {
  expect(readName(name)).toMatchObject({ step, epoch })
})

function folder(files: Record<string, string | Buffer>): string {
  const made = mkdtempSync(path.join(tmpdir(), 'checkpoint-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(made, name)), { recursive: true })
    writeFileSync(path.join(made, name), text)
  }
  return made
}

function safetensors(end: number, bytes: number): Buffer {
  const header = Buffer.from(
    JSON.stringify({ __metadata__: {}, w: { dtype: 'F32', shape: [1], data_offsets: [0, end] } }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(bytes)])
}

test('what a trainer_state.json says, NaN in its log included', () => {
  const state = '{"epoch": 2.9987, "global_step": 1200, "log_history": [{"loss": NaN}]}'
  expect(readSavedPlace(folder({ 'trainer_state.json': state }))).toEqual({ step: 1200, epoch: 2.9987 })
  expect(readSavedPlace(folder({ 'trainer_state.json': '{"epoch": 2' }))).toBeNull()
  expect(readSavedPlace(folder({}))).toBeNull()
})

test('whole checkpoints lack nothing', () => {
  const zip = Buffer.from('PK\u0003\u0004weightsPK\u0005\u0006'.padEnd(40, '\0'), 'latin1')
  expect(missingPart(folder({}))).toBeNull()
  expect(
    missingPart(folder({ 'model.safetensors': safetensors(4, 4), 'optimizer.pt': zip, 'notes.txt': '' })),
  ).toBeNull()
  const index = JSON.stringify({ weight_map: { a: 'model-1.safetensors' } })
  expect(
    missingPart(folder({ 'model.safetensors.index.json': index, 'model-1.safetensors': safetensors(4, 4) })),
  ).toBeNull()
  // a pickle of before torch 1.6 is no archive
  expect(missingPart(folder({ 'model.bin': 'weights' }))).toBeNull()
})

test.each<[string, Record<string, string | Buffer>, RegExp]>([
  [
    'a shard',
    { 'a.index.json': '{"weight_map": {"x": "model-2.bin"}}' },
    /lacks model-2.bin, which its a.index.json names/,
  ],
  [
    'the end of tensors',
    { 'model.safetensors': safetensors(400, 4) },
    /model.safetensors, which was not written to its end/,
  ],
  ['the end of a header', { 'model.safetensors': safetensors(400, 0).subarray(0, 20) }, /not written to its end/],
  ['the directory of an archive', { 'a.pt': 'PK\u0003\u0004weights' }, /a.pt, which was not written to its end/],
  ['everything', { 'a.bin': '' }, /not written to its end/],
])('one that lacks %s', (_what, files, expected) => {
  expect(missingPart(folder(files))).toMatch(expected)
})

test('one that is not there', () => {
  expect(missingPart('/nowhere/checkpoint-1')).toBe('is not there')
})
