import { expect, test } from 'vitest'
import { executorNameOf, executorOf, executorSchema, secondsOfTime } from './executor.ts'
import { checkSweep } from './plan.ts'
import { sweepSchema, type SweepInput } from './sweep.ts'

test.each([
  ['90', 5400],
  ['90:30', 5430],
  ['2:00:00', 7200],
  ['1-12', 129_600],
  ['1-00:30', 88_200],
  ['1-00:00:05', 86_405],
  ['soon', null],
  ['1:2:3:4', null],
])('the time limit %s', (text, seconds) => {
  expect(secondsOfTime(text)).toBe(seconds)
})

test.each([
  ['cloud', 'expected local'],
  [{ slurm: { partition: 'gpu --wrap=x' } }, 'without spaces'],
  [{ slurm: { time: 'soon' } }, 'time limit'],
  [{ slurm: { options: ['mem=64G'] } }, 'option of sbatch'],
  [{ slurm: { options: ['--array=0-9'] } }, 'set by Sweepboard'],
  [{ slurm: { options: ['-Jmine'] } }, 'set by Sweepboard'],
  [{ slurm: { nodes: 2 } }, 'Unrecognized key'],
  [{ ray: {} }, 'address of the dashboard'],
  [{ ray: { address: 'file:///etc/passwd' } }, 'http or https'],
  [{ ray: { address: 'http://me:secret@head:8265' } }, 'without a name'],
  [{ ray: { address: 'http://head:8265/?to=elsewhere' } }, 'a query'],
  [{ ray: { address: 'http://head', working_directory: 'here' } }, 'folder from the root'],
  [{ ray: { address: 'http://head', options: ['--x'] } }, 'expected resources'],
])('%j is refused', (given, words) => {
  const { error } = executorSchema.safeParse(given)
  expect(JSON.stringify(error?.issues)).toContain(words)
})

const sweep = (more: Partial<SweepInput> = {}) =>
  sweepSchema.parse({
    name: 'away',
    axes: { a: ['1'] },
    executor: { slurm: { time: 30 } },
    train: { command: ['train', '${a}'], gpus: 16 },
    evaluate: { command: ['evaluate', '${checkpoint}'], executor: 'local' },
    ...more,
  })

test('a part says where it runs, else the sweep does', () => {
  expect(executorOf(sweep(), 'training')).toEqual({ slurm: { time: '30' } })
  expect(executorOf(sweep(), 'evaluation')).toBe('local')
  expect(executorOf(sweep({ executor: undefined }), 'training')).toBe('local')
  expect(executorOf(sweep({ executor: { slurm: null } }), 'training')).toEqual({ slurm: {} })
})

test('a cluster has more GPUs than this machine, and says itself which ones a job has', () => {
  const issuesOf = (more: Partial<SweepInput>) =>
    checkSweep(sweep(more), { slots: 2, storedBaselines: [] }).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )
  expect(issuesOf({})).toEqual([])
  expect(issuesOf({ train: { command: ['train', '--gpu=${gpu}'], env: { G: '${gpu}' } } })).toEqual([
    expect.stringMatching(/^train\.command\.1: .*CUDA_VISIBLE_DEVICES/),
    expect.stringMatching(/^train\.env\.G: /),
  ])
  expect(issuesOf({ evaluate: { command: ['e', '${gpu}'], executor: 'local' } })).toEqual([])
  expect(issuesOf({ evaluate: { command: ['e'], executor: 'local', gpus: 3 } })).toEqual([
    expect.stringContaining('this machine has 2'),
  ])
  expect(issuesOf({ max_slots: 8 })).toEqual([expect.stringContaining('max_slots allows 8')])
  expect(issuesOf({ executor: { slurm: { gpus_per_node: 6 } } })).toEqual([expect.stringContaining('multiple of 6')])
  expect(issuesOf({ track: 'here' })).toEqual([])
})

test('a Ray cluster is an executor of its own, its address without a slash at the end', () => {
  const ray = { address: 'http://head:8265/', gpus: 0.5, cpus: 2, options: { resources: { a100: 1 } } }
  expect(executorSchema.parse({ ray })).toEqual({ ray: { ...ray, address: 'http://head:8265' } })
  expect(executorNameOf(sweep({ executor: { ray } }), 'training')).toBe('ray')
  expect(checkSweep(sweep({ executor: { ray } }), { slots: 2, storedBaselines: [] })).toEqual([])
})
