"""The PyTorch side of bench/trainer.ts: the same model and step on one core, with fused attention and AdamW where there are
any (2.x). Prints one JSON object.

Run by the bench:  OPENBLAS_NUM_THREADS=1 python3 bench/trainer-torch.py LAYERS WIDTH HEADS LENGTH BATCH VOCABULARY
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

layers, width, heads, length, batch, vocabulary = map(int, sys.argv[1:7])
torch.set_num_threads(1)
head_dim, hidden, rows = width // heads, max(16, round(width * 8 / 3 / 16) * 16), batch * length
p = {"embedding": torch.randn(vocabulary, width) * 0.05, "gain": torch.ones(width)}
for i in range(layers):
    p.update({
        f"{i}.gain1": torch.ones(width), f"{i}.qkv": torch.randn(width, 3 * width) / width**0.5, f"{i}.bias": torch.zeros(3 * width),
        f"{i}.out": torch.randn(width, width) / width**0.5 / 2, f"{i}.gain2": torch.ones(width),
        f"{i}.gate_up": torch.randn(width, 2 * hidden) / width**0.5, f"{i}.down": torch.randn(hidden, width) / hidden**0.5 / 2,
    })
for tensor in p.values():
    tensor.requires_grad_()
angles = torch.arange(length)[:, None] / 10000 ** (2 * torch.arange(head_dim // 2) / head_dim)
cos, sin = torch.cat([angles.cos()] * 2, 1), torch.cat([angles.sin()] * 2, 1)
fused = hasattr(F, "scaled_dot_product_attention")
mask = torch.full((length, length), -1e9).triu(1)
norm = lambda x, gain: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * gain
rotate = lambda x: x * cos + torch.cat([-x[..., head_dim // 2:], x[..., : head_dim // 2]], -1) * sin


def forward(ids):
    x = p["embedding"][ids]
    for i in range(layers):
        q, k, v = (norm(x, p[f"{i}.gain1"]) @ p[f"{i}.qkv"] + p[f"{i}.bias"]).view(batch, length, 3, heads, head_dim).permute(2, 0, 3, 1, 4)
        if fused:
            o = F.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        else:
            o = torch.softmax(rotate(q) @ rotate(k).transpose(-1, -2) / head_dim**0.5 + mask, -1) @ v
        x = x + o.transpose(1, 2).reshape(rows, width) @ p[f"{i}.out"]
        gate, up = (norm(x, p[f"{i}.gain2"]) @ p[f"{i}.gate_up"]).chunk(2, -1)
        x = x + (F.silu(gate) * up) @ p[f"{i}.down"]
    return norm(x, p["gain"]) @ p["embedding"].T


optimizer = torch.optim.AdamW(p.values(), 1e-3, **({"fused": True} if fused else {}))
ids, targets = torch.randint(0, vocabulary, (rows,)), torch.randint(0, vocabulary, (rows,))


def step():
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(ids), targets)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
    optimizer.step()


for _ in range(3):
    step()
# rounds, of which the best counts: what disturbs a round only ever makes it slower
rounds = []
for _ in range(3):
    count, started = 0, time.process_time()
    while time.process_time() - started < 1.0:
        step()
        count += 1
    rounds.append(count * rows / (time.process_time() - started))
a, b = torch.randn(2048, 64), torch.randn(64, 192)
started, products = time.process_time(), 0
while time.process_time() - started < 0.3:
    a @ b
    products += 1
rate = products * 2 * 2048 * 64 * 192 / (time.process_time() - started) / 1e9
print(json.dumps({"version": torch.__version__, "tokens": max(rounds), "gflops": rate}))
