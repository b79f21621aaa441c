/** Only what an attempt of the run itself wrote is scored: checkpoints and reports of something else, old or shared. */
import { lstatSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { retrySweep } from '../server/act/sweeps/retry-sweep.ts'
import { openTestServer, type TestServer } from './harness.ts'

let server: TestServer
beforeEach(() => {
  server = openTestServer()
})
afterEach(() => server.close())

const shell = (script: string, ...values: string[]) => ['bash', '-c', script, 'bash', ...values]
const scores = shell('echo "{\\"gsm8k\\": 0.8}" > "$1"', '${report}')

/** One axis, a training that is this script with the value as $1, and 0.8 on gsm8k against 0.7 for every checkpoint. */
function sweepOf(script: string, parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name: 'own work',
    axes: { lr: ['1e-5', '2e-5'] },
    train: { command: shell(script, 'out/${lr}', '${lr}') },
    checkpoint: 'out/${lr}',
    evaluate: { command: scores },
    score: { baseline: { gsm8k: 0.7 } },
    ...parts,
  }
}

const place = (...parts: string[]) => path.join(server.dataFolder, ...parts)
function write(file: string, text = 'weights', at?: Date) {
  mkdirSync(path.dirname(place(file)), { recursive: true })
  writeFileSync(place(file), text)
  if (at) utimesSync(place(file), at, at)
}
const old = new Date('2026-03-01T10:20:30')

test('a checkpoint of an earlier run is not scored when today’s training saves nothing', async () => {
  write('out/1e-5/model.safetensors.txt', 'weights', old)
  const sweep = await server.finished(server.create(sweepOf('echo nothing is saved today')))
  expect(sweep.status).toBe('failed')
  expect(sweep.points[0]!.score).toBeNull()
  expect(sweep.points[0]!.error).toContain(`${place('out/1e-5')} was there before the training began`)
  expect(sweep.points[0]!.error).toContain('2026-03-01 10:20:30')
  expect(sweep.points[1]!.error).toContain('is not there')
})

test('old weights stay old when only a log is written beside them', async () => {
  write('out/1e-5/model.safetensors', '', old)
  const sweep = await server.finished(
    server.create(sweepOf('mkdir -p "$1"; echo step >> "$1/train.log"; touch "$1/x.pt"; rm "$1/x.pt"')),
  )
  expect(sweep.points.map((point) => point.status)).toEqual(['failed', 'scored'])
})

test('old weights that the training writes over are its own', async () => {
  write('out/1e-5/model.bin', 'weights', old)
  write('out/2e-5', 'weights', old)
  const sweep = await server.finished(
    server.create(sweepOf('test -d "$1" && echo weights > "$1/model.bin" || echo weights > "$1"')),
  )
  expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'scored'])
})

test('a reported checkpoint that nothing was written to since the run began is not scored', async () => {
  write('elsewhere/1e-5/model.bin', 'weights', old)
  const report =
    'mkdir -p "elsewhere/$2"; [ $2 = 2e-5 ] && echo weights > elsewhere/$2/model.bin; echo "{\\"type\\":\\"checkpoint\\",\\"step\\":4,\\"path\\":\\"$PWD/elsewhere/$2\\"}" >> $SWEEPBOARD_EVENTS'
  const sweep = await server.finished(server.create(sweepOf(report, { checkpoint: undefined })))
  expect(sweep.points.map((point) => point.status)).toEqual(['failed', 'scored'])
  expect(sweep.points[0]!.error).toContain('was there before the training began')
})

test('a link is kept as what it pointed to, also when it is moved on later', async () => {
  const script = `mkdir -p "$1/step-1" "$1/step-2"; ln -sfn step-1 "$1/latest"
    echo "{\\"type\\":\\"checkpoint\\",\\"step\\":1,\\"path\\":\\"$PWD/$1/latest\\"}" >> $SWEEPBOARD_EVENTS
    while [ ! -e go ]; do sleep 0.01; done; ln -sfn step-2 "$1/latest"`
  const id = server.create(
    sweepOf(script, { checkpoint: undefined, axes: { lr: ['1e-5'], step: { milestones: ['1'] } } }),
  )
  await server.until(id, (sweep) => sweep.points[0]!.checkpoint !== null)
  writeFileSync(place('go'), '')
  const sweep = await server.finished(id)
  expect(lstatSync(place('out/1e-5/latest')).isSymbolicLink()).toBe(true)
  expect(sweep.points[0]!.checkpoint!.path).toBe(place('out/1e-5/step-1'))
})

test('a link that is led to an old model names an old model', async () => {
  write('out/1e-5/step-9/model.bin', 'weights', old)
  write('out/1e-5/step-8/model.bin', 'weights', old)
  symlinkSync('step-8', place('out/1e-5/latest'))
  const definition = sweepOf('mkdir -p "$1"; ln -sfn step-9 "$1/latest"', { checkpoint: 'out/${lr}/latest' })
  const sweep = await server.finished(server.create({ ...definition, axes: { lr: ['1e-5'] } }))
  expect(sweep.points[0]!.error).toContain('was there before the training began')
})

test('two runs that name one folder while they train: neither is scored', async () => {
  const report =
    'mkdir -p same; echo "$2" > same/model.bin; echo "{\\"type\\":\\"checkpoint\\",\\"step\\":4,\\"path\\":\\"$PWD/same\\"}" >> $SWEEPBOARD_EVENTS; touch "done-$2"; while [ ! -e done-1e-5 ] || [ ! -e done-2e-5 ]; do sleep 0.01; done'
  const sweep = await server.finished(server.create(sweepOf(report, { checkpoint: undefined })))
  expect(sweep.points.map((point) => point.score)).toEqual([null, null])
  expect(sweep.points[0]!.error).toMatch(/Runs \d and \d both name .*same as their checkpoint/)
})

test('a checkpoint that is gone, or was not written to its end, is not evaluated', async () => {
  const cut = Buffer.alloc(60)
  cut.writeBigUInt64LE(40n)
  cut.write('{"w":{"dtype":"F32","data_offsets":[0,400]}}', 8)
  writeFileSync(place('cut.safetensors'), cut)
  const scripts: Record<string, string> = {
    gone: 'mkdir -p "$1"; [ "$2" = gone ] && { sleep 0; echo "{\\"type\\":\\"checkpoint\\",\\"step\\":1,\\"path\\":\\"$PWD/$1\\"}" >> $SWEEPBOARD_EVENTS; rmdir "$1"; }; true',
    shard:
      'mkdir -p "$1"; echo "{\\"weight_map\\":{\\"a\\":\\"model-2-of-2.safetensors\\"}}" > "$1/model.safetensors.index.json"',
    cut: 'mkdir -p "$1"; cp cut.safetensors "$1/model.safetensors"',
    zip: 'mkdir -p "$1"; printf "PK\\003\\004half" > "$1/pytorch_model.bin"',
    empty: 'mkdir -p "$1"; : > "$1/model.safetensors"',
  }
  const script = `case "$2" in ${Object.entries(scripts)
    .map(([name, text]) => `${name}) ${text};;`)
    .join(' ')} esac`
  const definition = sweepOf(script, { axes: { lr: Object.keys(scripts) } })
  const sweep = await server.finished(server.create(definition))
  const errors = sweep.points.map((point) => point.error)
  expect(errors[0]).toMatch(/is not there/)
  expect(errors[1]).toMatch(/lacks model-2-of-2.safetensors, which its model.safetensors.index.json names/)
  for (const error of errors.slice(2)) expect(error).toMatch(/was not written to its end/)
  expect(sweep.points.every((point) => point.score === null)).toBe(true)
})

test('a checkpoint that somebody deletes before its evaluation starts', async () => {
  const definition = sweepOf(
    'mkdir -p "$1"; echo w > "$1/model.bin"; touch "trained-$2"; while [ ! -e go ]; do sleep 0.01; done',
    {
      axes: { lr: ['1e-5'], epoch: { milestones: ['1', '2'] } },
      checkpoint: undefined,
      max_slots: 1,
    },
  )
  definition.train!.command = shell(
    'mkdir -p "$1"; echo w > "$1/model.bin"; echo "{\\"type\\":\\"checkpoint\\",\\"step\\":1,\\"epoch\\":1,\\"path\\":\\"$PWD/$1\\"}" >> $SWEEPBOARD_EVENTS; while [ ! -e go ]; do sleep 0.01; done; rm -r "$1"',
    'out/${lr}',
  )
  const id = server.create(definition)
  await server.until(id, (sweep) => sweep.points[0]!.status === 'evaluating')
  writeFileSync(place('go'), '')
  const sweep = await server.finished(id)
  expect(sweep.points[0]!.error).toMatch(/The checkpoint .*out\/1e-5 is not there any more/)
})

test('a report that stood there before is nobody’s, until it is written again', async () => {
  for (const lr of ['1e-5', '2e-5']) write(`results/${lr}.json`, '{"gsm8k": 0.9}', old)
  const evaluate = {
    command: shell('[ "$2" = 2e-5 ] && cp -p good.json "$1"; true', 'results/${lr}.json', '${lr}'),
    report: { file: 'results/${lr}.json' },
  }
  write('good.json', '{"gsm8k": 0.8}', old)
  const sweep = await server.finished(server.create(sweepOf('mkdir -p "$1"', { evaluate })))
  expect(sweep.points.map((point) => point.score)).toEqual([null, 0.8 / 0.7])
  expect(sweep.points[0]!.error).toContain('1e-5.json as it was before, of 2026-03-01 10:20:30; it wrote none')
})

test('a report that is copied with its old time into its own folder is new', async () => {
  const train = {
    command: shell(
      'mkdir -p "$1"; echo "{\\"gsm8k\\": 0.8}" > "$1/cache.json"; touch -d "-1 hour" "$1/cache.json"',
      'out/${lr}',
    ),
  }
  const evaluate = { command: shell('cp -p "$2/cache.json" "$1"', '${report}', '${checkpoint}') }
  const sweep = await server.finished(server.create(sweepOf('', { train, evaluate })))
  expect(sweep.points.map((point) => point.status)).toEqual(['scored', 'scored'])
})

test('a named pipe in place of a report costs its evaluation, and nobody waits for it', async () => {
  const evaluate = { command: shell('mkfifo "$1"', '${report}') }
  const sweep = await server.finished(server.create(sweepOf('mkdir -p "$1"', { evaluate })))
  expect(sweep.points[0]!.error).toContain('is a named pipe, and is not read')
})

test('of several files that a pattern stands for, the newest that this evaluation wrote', async () => {
  write('results/1e-5/a/results_2030-01-01.json', '{"gsm8k": 0.1}', new Date('2030-01-01'))
  const evaluate = {
    command: shell(
      'mkdir -p "$1/b"; echo "{\\"gsm8k\\": 0.2}" > "$1/b/results_2.json"; sleep 0.02; echo "{\\"gsm8k\\": 0.8}" > "$1/b/results_1.json"; touch -d "-1 day" "$1/b/results_1.json"',
      'results/${lr}',
    ),
    report: { file: 'results/${lr}/**/results_*.json' },
  }
  const sweep = await server.finished(server.create(sweepOf('mkdir -p "$1"', { evaluate })))
  expect(sweep.points.map((point) => point.score)).toEqual([0.8 / 0.7, 0.8 / 0.7])
})

test.each<[string, Partial<SweepInput>, RegExp]>([
  ['one folder for all', { checkpoint: 'out/model' }, /out\/model for lr 1e-5 and for lr 2e-5.*\$\{lr\} in it/],
  [
    'one folder for both milestones',
    { axes: { lr: ['1e-5'], epoch: { milestones: ['3', '6'] } } },
    /epoch 3 and for epoch 6.*\$\{epoch\} in it, or a pattern/,
  ],
  [
    'one report',
    { evaluate: { command: scores, report: { file: 'results/all.json' } } },
    /The report comes out as results\/all.json/,
  ],
  [
    'one report written in two ways',
    { evaluate: { command: scores, report: { file: { gsm8k: 'a/${lr}/../all.json', b: '${report}' } } } },
    /The report of gsm8k comes out as a\/all.json/,
  ],
  [
    'values that run together',
    { axes: { a: ['1', '11'], b: ['11', '1'] }, train: { command: ['true'] }, checkpoint: 'out/${a}${b}' },
    /out\/111 for a 1, b 11 and for a 11, b 1.*something between/,
  ],
  [
    'one pattern for two trainings',
    { checkpoint: 'out/checkpoint-*' },
    /out\/checkpoint-\* for lr 1e-5 and for lr 2e-5/,
  ],
])('refused before anything starts: %s', (_what, parts, message) => {
  let issues: string[] = []
  try {
    server.create(sweepOf('true', parts))
  } catch (error) {
    issues = (error as { issues: { message: string }[] }).issues.map((issue) => issue.message)
  }
  expect(issues).toHaveLength(1)
  expect(issues[0]).toMatch(message)
})

test('a training whose checkpoint was refused is trained again by a retry, once the old one is gone', async () => {
  write('out/1e-5/model.bin', 'weights', old)
  const id = server.create(
    sweepOf('[ -d "$1" ] || { mkdir -p "$1"; echo new > "$1/model.bin"; }', { axes: { lr: ['1e-5'] } }),
  )
  expect((await server.finished(id)).status).toBe('failed')
  rmSync(place('out'), { recursive: true })
  await retrySweep(server.context, id)
  expect((await server.finished(id)).points[0]).toMatchObject({ status: 'scored' })
})
