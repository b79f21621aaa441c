import { expect, test } from 'vitest'
import { looksSecret, variablesToKeep } from './environment.ts'

test.each([
  ['WANDB_API_KEY', 'x'],
  ['HF_TOKEN', 'x'],
  ['HUGGING_FACE_HUB_TOKEN', 'x'],
  ['AWS_SECRET_ACCESS_KEY', 'x'],
  ['DB_PASSWORD', 'x'],
  ['PGPASS', 'x'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/home/a/key.json'],
  ['http_cookie', 'x'],
  ['TORCH_AUTH', 'x'],
  ['GH_PAT', 'x'],
  ['HF_HOME', 'hf_AbCdEfGhIjKlMnOpQrStUv'],
  ['RAY_ADDRESS', 'http://anna:pass1@host:8265'],
  ['HF_ENDPOINT', 'https://mirror.example.org/?token=abc'],
  ['TORCH_X', 'sk-proj-abcdefghijklmnop1234'],
  ['MLFLOW_TRACKING_URI', 'https://abcdef0123456789abcdef@host/'],
  ['RAY_X', 'AKIAIOSFODNN7EXAMPLE'],
  ['RAY_X', '0123456789abcdef0123456789abcdef01234567'],
  ['RAY_X', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig'],
  ['RAY_X', 'q7Zk2mP9xW4vB8nL1cR6tY3a=='],
])('%s=%s is left out', (name, value) => expect(looksSecret(name, value)).toBe(true))

test.each([
  ['PATH', '/usr/local/bin:/home/anna/miniconda3/envs/verl-0123456789abcdef/bin'],
  ['TOKENIZERS_PARALLELISM', 'false'],
  ['PYTORCH_CUDA_ALLOC_CONF', 'expandable_segments:True'],
  ['PYTHONPATH', '/data/code_20261128_with_a_long_name_1234567890/src'],
  ['RAY_ADDRESS', 'http://127.0.0.1:8265'],
  ['NCCL_SOCKET_IFNAME', 'eth0'],
  ['HF_HOME', '/mnt/cache'],
])('%s=%s is no secret', (name, value) => expect(looksSecret(name, value)).toBe(false))

test('of the shell what matters is kept, sorted; of the sweep everything; the names of what looks secret are told', () => {
  const shell = { TERM: 'xterm', OMP_NUM_THREADS: '4', HF_TOKEN: 'x', CUDA_HOME: '/cuda', CUDA_VISIBLE_DEVICES: '0' }
  expect(variablesToKeep(shell)).toEqual({
    kept: { CUDA_HOME: '/cuda', OMP_NUM_THREADS: '4' },
    leftOut: ['HF_TOKEN'],
  })
  expect(variablesToKeep({ DATA: 'd', JUDGE_KEY: 'x', GONE: undefined }, true)).toEqual({
    kept: { DATA: 'd' },
    leftOut: ['JUDGE_KEY'],
  })
})
