/** Pasted command lines against bash itself: of each line bash prints the words, and nothing of the line is run. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createRandom } from '../../stats/rng.ts'
import { readShellLine } from './shell-line.ts'
import { offerPlaceholders, withPlaceholders } from './value-offers.ts'

const none = () => false
const read = (line: string) => readShellLine(line, none)

/** The words and variables that bash makes of a simple command: the program becomes a harmless printf of its own arguments. */
function byBash(line: string): { words: string[]; environment: string[] } {
  // the line is put behind a function's name, after its variables: what stands there are words, whatever they say
  const script = `show() { printf '%s\\0' "$@"; }
set -f
show ${line}`
  const words = execFileSync('bash', ['--norc', '--noprofile', '-c', script], {
    env: {} as NodeJS.ProcessEnv,
    cwd: '/',
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1)
  const environment: string[] = []
  while (words[0] && /^[A-Za-z_]\w*=/.test(words[0])) environment.push(words.shift()!)
  return { words, environment }
}

const lines = [
  `bash scripts/sft_cot_para.sh 512 6 2e-5 sft_explore_512_2e-5`,
  `CUDA_VISIBLE_DEVICES=0,1 accelerate launch --num_processes 2 train.py --lr 2e-5`,
  `torchrun --nproc_per_node=4 --master_port 29501 train.py --model_name_or_path "Qwen/Qwen2.5-1.5B" --bf16 True`,
  `torchrun \\
    --standalone --nnodes=1 \\
    --nproc-per-node=8 \\
    finetune.py --learning_rate 1e-5`,
  `deepspeed --include localhost:0,1 --master_port=29600 train.py --deepspeed ds_config_zero3.json`,
  `deepspeed --num_gpus=8 train.py --deepspeed '{"zero_optimization": {"stage": 3}}'`,
  `uv run python train.py --config-name sft --output-dir "out/run 1"`,
  `uv run --with trl --python 3.11 trl sft --model_name_or_path Qwen/Qwen2.5-0.5B --dataset_name trl-lib/Capybara`,
  `srun --gpus=4 --time=02:00:00 python train.py`,
  `srun -N 2 --ntasks-per-node=1 --export=ALL,NCCL_DEBUG=INFO torchrun --nnodes 2 train.py`,
  `env WANDB_MODE=offline HF_HOME=/data/hf python -m trl.scripts.grpo --beta 0.04`,
  `WANDB_PROJECT='my project' WANDB_MODE=offline python train.py`,
  `PYTHONPATH=.:src OMP_NUM_THREADS=8 python3 -u -m verl.trainer.main_ppo algorithm.adv_estimator=grpo`,
  `python3 -m verl.trainer.main_ppo data.train_files="['/data/a.parquet', '/data/b.parquet']" trainer.logger='["console","wandb"]'`,
  `python3 -m verl.trainer.main_ppo +actor.optim.lr=1e-6 ++trainer.total_epochs=15 ~trainer.foo`
    .replace(' ~', " '~")
    .concat("'"),
  `llamafactory-cli train examples/train_lora/qwen.yaml learning_rate=1e-4 num_train_epochs=3.0`,
  `FORCE_TORCHRUN=1 llamafactory-cli train cfg.yaml`,
  `lm_eval --model hf --model_args pretrained=out/ckpt,dtype=bfloat16 --tasks gsm8k,minerva_math --gen_kwargs 'temperature=0.6,top_p=0.95'`,
  `lm_eval --model vllm --model_args "pretrained=out/a b,tensor_parallel_size=2" --batch_size auto`,
  `accelerate launch --config_file "configs/zero2.yaml" grpo.py --reward_funcs accuracy format --vllm_mode colocate`,
  `python train.py --prompt "She said \\"hello\\" and left" --n 3`,
  `python train.py --prompt 'a \\ stays' --other "b \\ stays too" --third c\\ d`,
  `python train.py --template $'line one\\nline\\ttwo \\x41 \\'quoted\\''`,
  `python train.py --regex '^\\d+\\.\\d*$' --cost "5\\$" --tick '\`date\`'`,
  `python train.py --empty "" --also='' --end`,
  `python train.py --name=ab"c d"ef'g h'ij`,
  `python train.py --text "several
lines in quotes" --last 1`,
  `python train.py --hash a#b # a comment that is no argument`,
  `./train.sh --equals==x --dash - -- --not-an-option`,
  `axolotl train config.yml --learning-rate 2e-5 --wandb-name "sft (v2)"`,
  `python train.py --dollar 'costs \${price} or $5' --percent 100%`,
  `python train.py \\
  --a 1   \\
  --b "x \\
y" --c=2`,
]

test.each(lines)('taken apart as bash does: %s', (line) => {
  const { words, environment, remarks } = read(line)
  expect(remarks.filter(({ kind }) => kind === 'refused')).toEqual([])
  // what is a placeholder to nobody reaches the program as a plain \${
  const reached = words.map((word) => word.replaceAll('$${', '${'))
  expect({ words: reached, environment }).toEqual(byBash(line))
})

test('any words, quoted in any way, are those that bash makes of them', () => {
  const random = createRandom(7)
  const pick = <One>(all: readonly One[]) => all[Math.floor(random.uniform() * all.length)]!
  const characters = [...'ab1.-_=/ \t\n\'"\\\\$`#~{},*?[]();|&<>!^%é漢']
  const plainly = (text: string) => text.replaceAll(/[^]/gu, (one) => (one === '\n' ? "'\n'" : `\\${one}`))
  const ways = [
    plainly,
    (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
    (text: string) => `"${text.replaceAll(/[$`"\\]/g, (one) => `\\${one}`)}"`,
    (text: string) =>
      `$'${text
        .replaceAll(/['\\]/g, (one) => `\\${one}`)
        .replaceAll('\n', '\\n')
        .replaceAll('\t', '\\t')}'`,
  ]
  const made = Array.from({ length: 300 }, () => {
    const words = Array.from({ length: 1 + Math.floor(random.uniform() * 4) }, () =>
      Array.from({ length: Math.floor(random.uniform() * 7) }, () =>
        Array.from({ length: 1 + Math.floor(random.uniform() * 3) }, () => pick(characters)).join(''),
      ),
    )
    const line = words.map((parts) => parts.map((part) => pick(ways)(part)).join(pick(['', '\\\n'])) || "''").join(' ')
    return { line: `x ${line}`, words: ['x', ...words.map((parts) => parts.join(''))] }
  })
  for (const { line, words } of made) {
    const found = read(line)
    expect(
      found.remarks.filter(({ kind }) => kind === 'refused'),
      line,
    ).toEqual([])
    expect(
      found.words.map((word) => word.replaceAll('$${', '${')),
      line,
    ).toEqual(words)
  }
  // and these words are bash's: of a part of them, as each takes a process
  for (const { line, words } of made.slice(0, 40)) expect(byBash(line).words, line).toEqual(words)
})

const told: [string, string, string][] = [
  ['cd /x && make && python train.py', '&&', 'put them into a script'],
  ['python gen.py | python train.py', '|', 'hands what one program prints to another'],
  ['python train.py --run "$(date +%s)"', '$(date +%s)', 'what another command prints'],
  ['python train.py --run `date`', '`date`', 'what another command prints'],
  ['python train.py --lr $LR', '$LR', 'a variable of your shell'],
  ['python train.py --lr "${LR:-1e-5}"', '${LR:-1e-5}', 'a variable of your shell'],
  ['python train.py --n $((2*8))', '$((2*8))', 'Only a shell computes it'],
  ['python train.py ~/models/base', '~/models/base', 'Only a shell knows ~'],
  ['python train.py --seeds {1,2,3}', '{1,2,3}', 'several words'],
  ['python train.py --prompt "open', '"open', 'is not closed'],
  ['python train.py < data.txt', '< data.txt', 'no input here'],
  ['for lr in 1 2; do python t.py; done', ';', 'Only a shell runs several commands'],
  ['(python train.py)', '(', 'Only a shell groups'],
  ['source .venv/bin/activate && python train.py', '&&', "expected that environment's own program: .venv/bin/python"],
  ['conda activate rl; python train.py', ';', 'conda run --no-capture-output -n rl'],
  ['python a.py\npython b.py', ';', 'several commands'],
]
test.each(told)('what only a shell does is refused with what to write instead: %s', (line, text, advice) => {
  const { words, remarks } = read(line)
  expect(words).toEqual([])
  const refused = remarks.filter(({ kind }) => kind === 'refused')
  expect(refused.map((remark) => remark.text)).toContain(text)
  expect(refused.map(({ message }) => message).join('\n')).toContain(advice)
})

test('logs, a folder and variables before the command are understood', () => {
  const line = 'cd runs/a && export HF_HOME=/data WANDB_MODE=offline && LR=1 python train.py --x 1 2>&1 | tee log.txt &'
  expect(read(line)).toMatchObject({
    words: ['python', 'train.py', '--x', '1'],
    environment: ['HF_HOME=/data', 'WANDB_MODE=offline', 'LR=1'],
    directory: 'runs/a',
  })
  expect(read(line).remarks.map(({ kind, text }) => [kind, text])).toEqual([
    ['left out', '2>&1'],
    ['left out', '| tee log.txt'],
    ['left out', '&'],
  ])
  expect(read('nohup python t.py > out.log 2> err.log &').words).toEqual(['nohup', 'python', 't.py'])
  expect(read('$ python t.py')).toMatchObject({ words: ['python', 't.py'] })
  expect(read('python t.py data/*.jsonl').remarks).toMatchObject([{ kind: 'kept', text: 'data/*.jsonl' }])
  expect(read('')).toMatchObject({ words: [], remarks: [] })
})

test('a placeholder of ours stays one, in any quotes; what looks like one is kept from being one', () => {
  const ours = (name: string) => name === 'lr' || name === 'epoch.last'
  expect(readShellLine(`t --a "\${lr}" --b '\${lr}' --c \${epoch.last} --d '\${x}' --e "\\\${y}"`, ours).words).toEqual([
    't', '--a', '${lr}', '--b', '${lr}', '--c', '${epoch.last}', '--d', '$${x}', '--e', '$${y}',
  ]) // prettier-ignore
})

const axes = [
  { name: 'batch_size', values: ['128', '256', '512'], milestone: false },
  { name: 'learning_rate', values: ['1e-5', '2e-5'], milestone: false },
  { name: 'epoch', values: ['3', '6'], milestone: true },
]

test('values that equal an axis’ are offered as its placeholder: words, after =, inside of names', () => {
  const words = ['bash', 'scripts/sft.sh', '512', '6', '2e-5', 'run_512_2e-5', '--lr=0.00002', '--steps=5120', '--x=16']
  expect(withPlaceholders(words, offerPlaceholders(words, axes))).toEqual([
    'bash',
    'scripts/sft.sh',
    '${batch_size}',
    '${epoch.last}',
    '${learning_rate}',
    'run_${batch_size}_${learning_rate}',
    '--lr=${learning_rate}',
    '--steps=5120',
    '--x=16',
  ])
  expect(offerPlaceholders(['512', '${batch_size}', 'a${epoch.last}6'], axes)).toEqual([])
})
