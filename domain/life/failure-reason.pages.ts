/** Last pages of failed trainings, as launchers, trackers and libraries write them, each with the words that name its cause. */
export const lastPages: readonly { name: string; log: string; cause: string }[] = [
  {
    name: 'torchrun: the cause stands above its table',
    cause: 'CUDA out of memory. Tried to allocate 2.00 GiB',
    log: `{'loss': 1.2, 'epoch': 0.5}
Traceback (most recent call last):
  File "train.py", line 210, in <module>
    trainer.train()
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.10 GiB is free.
E1128 07:00:00.000000 1234 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1) local_rank: 0 (pid: 1240) of binary: /usr/bin/python
Traceback (most recent call last):
  File "/usr/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
------------------------------------------------------------
Failures:
  <NO_OTHER_FAILURES>
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-11-28_07:00:00
  host      : node
  rank      : 0 (local_rank: 0)
  exitcode  : 1 (pid: 1240)
  error_file: <N/A>
  traceback : To enable traceback see the documentation
============================================================`,
  },
  {
    name: 'torchrun with four ranks: each has its own, prefixed',
    cause: "KeyError: 'prompt'",
    log: `[rank1]: Traceback (most recent call last):
[rank1]:   File "/home/user/sft.py", line 88, in <module>
[rank1]:     main()
[rank1]:   File "/home/user/sft.py", line 61, in tokenize
[rank1]:     return tokenizer(row["prompt"])
[rank1]: KeyError: 'prompt'
[rank0]:[W1128 07:00:01.1 ProcessGroupNCCL.cpp:1538] Warning: WARNING: destroy_process_group() was not called before program exit
W1128 07:00:02.000000 99 torch/distributed/elastic/multiprocessing/api.py:900] Sending process 101 closing signal SIGTERM
Traceback (most recent call last):
  File "/usr/local/bin/torchrun", line 7, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
==================================================
sft.py FAILED
==================================================`,
  },
  {
    name: 'W&B: its good-bye comes after the traceback',
    cause: 'tokenizer has no pad token',
    log: `Traceback (most recent call last):
  File "train.py", line 12, in <module>
ValueError: tokenizer has no pad token
wandb:
wandb: You can sync this run to the cloud by running:
wandb: wandb sync runs/wandb/offline-run-20261128_070000-abc123
wandb: Find logs at: ./wandb/offline-run-20261128_070000-abc123/logs`,
  },
  {
    name: 'accelerate: a subprocess failed',
    cause: 'ValueError: --bf16 needs a GPU that has it',
    log: `Traceback (most recent call last):
  File "/home/user/train.py", line 9, in <module>
    raise ValueError("--bf16 needs a GPU that has it")
ValueError: --bf16 needs a GPU that has it
Traceback (most recent call last):
  File "/usr/local/bin/accelerate", line 8, in <module>
    sys.exit(main())
  File "/usr/local/lib/python3.12/site-packages/accelerate/commands/launch.py", line 763, in simple_launcher
    raise subprocess.CalledProcessError(returncode=process.returncode, cmd=cmd)
subprocess.CalledProcessError: Command '['/usr/bin/python3', 'train.py', '--bf16']' returned non-zero exit status 1.`,
  },
  {
    name: 'vLLM: the engine died of it, the server tells only that',
    cause: 'No available memory for the cache blocks',
    log: `(EngineCore_DP0 pid=4211) ERROR 11-28 07:00:00 [core.py:712] EngineCore failed to start.
(EngineCore_DP0 pid=4211) ERROR 11-28 07:00:00 [core.py:712] Traceback (most recent call last):
(EngineCore_DP0 pid=4211) ERROR 11-28 07:00:00 [core.py:712]   File "/vllm/v1/engine/core.py", line 703, in run_engine_core
(EngineCore_DP0 pid=4211) ERROR 11-28 07:00:00 [core.py:712] ValueError: No available memory for the cache blocks. Try increasing gpu_memory_utilization when initializing the engine.
Traceback (most recent call last):
  File "/home/user/eval.py", line 30, in <module>
    llm = LLM(model=path)
  File "/vllm/v1/engine/utils.py", line 732, in wait_for_engine_startup
    raise RuntimeError("Engine core initialization failed. "
RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}`,
  },
  {
    name: 'DeepSpeed: killed subprocesses are told last',
    cause: 'AssertionError: train_batch_size is not equal to micro_batch_per_gpu',
    log: `[rank0]: Traceback (most recent call last):
[rank0]:   File "/home/user/train.py", line 41, in <module>
[rank0]:     engine, *_ = deepspeed.initialize(config=config)
[rank0]: AssertionError: train_batch_size is not equal to micro_batch_per_gpu * gradient_acc_step * world_size 64 != 4 * 2 * 4
[2026-11-28 07:00:03,120] [INFO] [launch.py:319:sigkill_handler] Killing subprocess 801
[2026-11-28 07:00:03,121] [ERROR] [launch.py:325:sigkill_handler] ['/usr/bin/python3', '-u', 'train.py', '--local_rank=3'] exits with return code = 1`,
  },
  {
    name: 'CUDA: an assertion on the device, with its advice below',
    cause: 'CUDA error: device-side assert triggered',
    log: `../aten/src/ATen/native/cuda/Indexing.cu:1422: indexSelectLargeIndex: block: [12,0,0], thread: [64,0,0] Assertion \`srcIndex < srcSelectDimSize\` failed.
Traceback (most recent call last):
  File "/home/user/train.py", line 77, in <module>
    loss.backward()
RuntimeError: CUDA error: device-side assert triggered
CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.
For debugging consider passing CUDA_LAUNCH_BLOCKING=1
Compile with \`TORCH_USE_CUDA_DSA\` to enable device-side assertions.
`,
  },
  {
    name: 'a progress bar on the same line',
    cause: 'FileNotFoundError: [Errno 2] No such file or directory: ',
    log: `Epoch 1:   0%|          | 0/120 [00:00<?, ?it/s]\rEpoch 1:  12%|█▎        | 15/120 [00:20<02:20,  1.3s/it]\rEpoch 1:  13%|█▎        | 16/120 [00:21<02:19,  1.3s/it]Traceback (most recent call last):
  File "train.py", line 5, in <module>
    open("data/shard-3.jsonl")
FileNotFoundError: [Errno 2] No such file or directory: 'data/shard-3.jsonl'
Epoch 1:  13%|█▎        | 16/120 [00:21<02:19,  1.3s/it]`,
  },
  {
    name: 'Ray: the task failed of what stands inside its error',
    cause: 'ValueError: rollout batch 96 is not a multiple of 64',
    log: `2026-11-28 07:00:00,000 INFO worker.py:1942 -- Started a local Ray instance.
Traceback (most recent call last):
  File "main_ppo.py", line 36, in main
    ray.get(runner.run.remote(config))
ray.exceptions.RayTaskError(ValueError): ray::TaskRunner.run() (pid=5121, ip=10.0.0.4, actor_id=af)
  File "main_ppo.py", line 120, in run
    trainer.fit()
  File "ray_trainer.py", line 401, in fit
    raise ValueError(f"rollout batch {n} is not a multiple of 64")
ValueError: rollout batch 96 is not a multiple of 64
(raylet) [2026-11-28 07:00:09,000 E 5000 5000] (raylet) node_manager.cc: Some workers were left.`,
  },
  {
    name: 'Ray: a worker was killed for memory',
    cause: 'killed due to the node running low on memory',
    log: `(TaskRunner pid=5121) step 12
Traceback (most recent call last):
  File "main_ppo.py", line 36, in main
    ray.get(runner.run.remote(config))
ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.
Memory on the node (IP: 10.0.0.4, ID: 1) where the task (task ID: 2) was running was 120.1GB / 125.0GB (0.96), which exceeds the memory usage threshold of 0.95.`,
  },
  {
    name: 'the kernel killed it',
    cause: 'oom_kill event',
    log: `{'loss': 0.9}
slurmstepd: error: Detected 1 oom_kill event in StepId=812.0. Some of the step tasks have been OOM Killed.
srun: error: node3: task 0: Out Of Memory`,
  },
  {
    name: 'a shell script: the program is not there',
    cause: 'accelerate: command not found',
    log: `starting run sft_512
scripts/sft.sh: line 14: accelerate: command not found`,
  },
  {
    name: 'a shell script: a variable is missing',
    cause: 'MODEL_PATH: unbound variable',
    log: `+ set -u
scripts/eval.sh: line 3: MODEL_PATH: unbound variable`,
  },
  {
    name: 'arguments that the script does not know',
    cause: 'unrecognized arguments: --learning_rate 1e-5',
    log: `usage: train.py [-h] [--lr LR] [--epochs EPOCHS]
train.py: error: unrecognized arguments: --learning_rate 1e-5`,
  },
  {
    name: 'one exception led to another',
    cause: 'OSError: meta-llama/none is not a local folder and is not a valid model identifier',
    log: `Traceback (most recent call last):
  File "hub.py", line 402, in hf_raise_for_status
    response.raise_for_status()
requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "train.py", line 3, in <module>
    AutoModel.from_pretrained("meta-llama/none")
OSError: meta-llama/none is not a local folder and is not a valid model identifier listed on the hub`,
  },
  {
    name: 'NCCL timed out because another rank had failed',
    cause: 'RuntimeError: The size of tensor a (4096) must match the size of tensor b (2048)',
    log: `[rank2]: Traceback (most recent call last):
[rank2]:   File "train.py", line 88, in forward
[rank2]:     return a + b
[rank2]: RuntimeError: The size of tensor a (4096) must match the size of tensor b (2048) at non-singleton dimension 1
[rank0]:[E1128 07:10:00.1 ProcessGroupNCCL.cpp:629] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=9, OpType=ALLREDUCE)
[rank0]: Traceback (most recent call last):
[rank0]:   File "train.py", line 90, in step
[rank0]: torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3690, remote process exited or there was a network error`,
  },
  {
    name: 'C++ aborted',
    cause: 'CUDA driver error: invalid argument',
    log: `terminate called after throwing an instance of 'c10::Error'
  what():  CUDA driver error: invalid argument
Aborted (core dumped)`,
  },
  {
    name: 'shared memory of a container',
    cause: "dataloader's workers are out of shared memory",
    log: `ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).
Traceback (most recent call last):
  File "train.py", line 20, in <module>
    for batch in loader:
RuntimeError: DataLoader worker (pid 912) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.`,
  },
  {
    name: 'a full disk while saving',
    cause: 'OSError: [Errno 28] No space left on device',
    log: `Saving model checkpoint to out/checkpoint-500
Traceback (most recent call last):
  File "train.py", line 99, in save
    torch.save(state, path)
OSError: [Errno 28] No space left on device
wandb: 🚀 View run sft at the address above
wandb: Find logs at: wandb/run-1/logs`,
  },
  {
    name: 'an assertion without words',
    cause: 'AssertionError: assert len(batch) == 8',
    log: `Traceback (most recent call last):
  File "train.py", line 14, in <module>
    assert len(batch) == 8
AssertionError`,
  },
  {
    name: 'a caught exception long before the end is not the cause',
    cause: 'ZeroDivisionError: division by zero',
    log: `Traceback (most recent call last):
  File "upload.py", line 3, in retry
ConnectionError: the tracker did not answer, trying again
step 100
step 200
Traceback (most recent call last):
  File "train.py", line 14, in <module>
    rate = done / total
ZeroDivisionError: division by zero`,
  },
  {
    name: 'a module is missing',
    cause: "ModuleNotFoundError: No module named 'flash_attn'",
    log: `Traceback (most recent call last):
  File "train.py", line 1, in <module>
    import flash_attn
ModuleNotFoundError: No module named 'flash_attn'`,
  },
  {
    name: 'a syntax error has no traceback',
    cause: "SyntaxError: '(' was never closed",
    log: `  File "train.py", line 4
    print("x"
         ^
SyntaxError: '(' was never closed`,
  },
  {
    name: 'the port is taken',
    cause: 'address already in use',
    log: `[W1128 07:00:00 socket.cpp:464] The server socket has failed to bind to [::]:29500 (errno: 98 - Address already in use).
[E1128 07:00:00 socket.cpp:500] The server socket has failed to listen on any local network address.
Traceback (most recent call last):
  File "train.py", line 8, in <module>
    dist.init_process_group("nccl")
torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. port: 29500, useIpv6: true, code: -98, name: EADDRINUSE, message: address already in use`,
  },
  {
    name: 'no exception at all: the last line that says something',
    cause: 'checkpoint out/step-40 is of another model',
    log: `loading
checkpoint out/step-40 is of another model
=====
wandb: synced`,
  },
]
