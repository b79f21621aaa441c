import { expect, test } from 'vitest'
import { roundAfterScript } from './round-after-script.ts'

const script = (command: string[], settings: Record<string, string> = {}) => ({
  command,
  hasArguments: true,
  settings,
  elsewhere: [],
})

test('a recorded command starts from the checkpoint, writes into a folder of its own, and has axes of its seed and rate', () => {
  const command = ['python', 'grpo.py', '--model_name_or_path', 'Qwen/Q', '--learning-rate=1e-6', '--seed', '3']
  const { definition, unknown } = roundAfterScript(
    'r',
    '/data/c',
    script([...command, '--output_dir', 'out', '--tag', '${x}', '--resume', 'a'], {
      learning_rate: '1e-6',
      beta: '0.1',
    }),
  )
  expect(definition).toEqual({
    name: 'r',
    search: 'grid',
    axes: { learning_rate: ['1e-6'], seed: ['3'] },
    init: '/data/c',
    train: {
      gpus: 1,
      env: {},
      retries: 0,
      command: (
        'python grpo.py --model_name_or_path ${init} --learning-rate=${learning_rate} ' +
        '--seed ${seed} --output_dir ${run}/output --tag $${x} --resume a'
      ).split(' '),
    },
  })
  expect(unknown).toEqual([
    '--output_dir was out; each training writes into its own folder here, so that it does not write over that.',
    '--resume a stands as it was: take it out where the training is to begin anew from the checkpoint.',
    'Not among its arguments, so as the script sets them: beta 0.1.',
    expect.stringContaining('Its environment'),
  ])
})

test("arguments as Hydra's are read too", () => {
  const { definition } = roundAfterScript(
    'r',
    '/c',
    script(['python', '-m', 'verl', 'actor.model.path=/q', '+actor.optim.lr=1e-6', 'data.seed=1']),
  )
  expect(definition.train!.command!.slice(3)).toEqual([
    'actor.model.path=${init}',
    '+actor.optim.lr=${learning_rate}',
    'data.seed=${seed}',
  ])
})

test('what no client recorded is said', () => {
  const nothing = { command: null, hasArguments: false, settings: {}, elsewhere: [] }
  expect(roundAfterScript('r', '/c', nothing)).toEqual({
    definition: { name: 'r', search: 'grid', axes: { seed: ['1'] }, init: '/c' },
    unknown: ['Nobody recorded its command: how the script is run is yours to say.'],
  })
  const program = { ...nothing, command: ['python', 'sft.py'] }
  expect(roundAfterScript('r', '/c', program).unknown).toContain(
    'Its client recorded the program and not its arguments.',
  )
})
