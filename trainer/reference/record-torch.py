"""Records what PyTorch computes for a small Qwen2 model, for torch.test.ts to compare with.

Weights are a formula of a tensor's name and an element's index, so that both sides make the same ones.
Run:  python3 record-torch.py > torch-numbers.json      (made with PyTorch 1.13.1, Debian's python3-torch)
"""
import json
import math

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_num_threads(1)
config = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 2,
    "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 8, "intermediate_size": 40, "hidden_act": "silu",
    "rope_theta": 10000.0, "rms_norm_eps": 1e-6, "tie_word_embeddings": False, "max_position_embeddings": 64,
}
width, heads, kv_heads, head_dim = 24, 3, 1, 8
batch, length = 2, 11


def formula(name, shape):
    size = math.prod(shape)
    phase = sum(ord(character) for character in name)
    wave = [math.sin(0.7 * (index + 1) + phase) for index in range(size)]
    gain = "norm" in name
    return torch.tensor([1 + 0.2 * x if gain else 0.3 * x for x in wave], dtype=torch.float64).float().reshape(shape)


shapes = {"model.embed_tokens.weight": [37, width], "model.norm.weight": [width], "lm_head.weight": [37, width]}
for layer in range(2):
    at = f"model.layers.{layer}."
    shapes.update({
        at + "input_layernorm.weight": [width], at + "post_attention_layernorm.weight": [width],
        at + "self_attn.q_proj.weight": [heads * head_dim, width], at + "self_attn.q_proj.bias": [heads * head_dim],
        at + "self_attn.k_proj.weight": [kv_heads * head_dim, width], at + "self_attn.k_proj.bias": [kv_heads * head_dim],
        at + "self_attn.v_proj.weight": [kv_heads * head_dim, width], at + "self_attn.v_proj.bias": [kv_heads * head_dim],
        at + "self_attn.o_proj.weight": [width, heads * head_dim],
        at + "mlp.gate_proj.weight": [40, width], at + "mlp.up_proj.weight": [40, width], at + "mlp.down_proj.weight": [width, 40],
    })


def fresh():
    return {name: formula(name, shape).requires_grad_() for name, shape in shapes.items()}


def norm(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * gain


def forward(p, ids):
    angles = torch.arange(length)[:, None] / 10000 ** (2 * torch.arange(head_dim // 2) / head_dim)
    cos, sin = torch.cat([angles.cos()] * 2, 1), torch.cat([angles.sin()] * 2, 1)
    rotate = lambda x: x * cos + torch.cat([-x[..., head_dim // 2:], x[..., : head_dim // 2]], -1) * sin
    mask = torch.full((length, length), -1e9).triu(1)
    x = p["model.embed_tokens.weight"][ids]
    for layer in range(2):
        at = f"model.layers.{layer}."
        y = norm(x, p[at + "input_layernorm.weight"])
        part = lambda which, count: F.linear(
            y, p[at + f"self_attn.{which}_proj.weight"], p[at + f"self_attn.{which}_proj.bias"]
        ).view(batch, length, count, head_dim).transpose(1, 2)
        q, k, v = rotate(part("q", heads)), rotate(part("k", kv_heads)), part("v", kv_heads)
        k, v = (t.repeat_interleave(heads // kv_heads, 1) for t in (k, v))
        o = torch.softmax(q @ k.transpose(-1, -2) / head_dim**0.5 + mask, -1) @ v
        x = x + F.linear(o.transpose(1, 2).reshape(batch, length, -1), p[at + "self_attn.o_proj.weight"])
        y = norm(x, p[at + "post_attention_layernorm.weight"])
        x = x + F.linear(
            F.silu(F.linear(y, p[at + "mlp.gate_proj.weight"])) * F.linear(y, p[at + "mlp.up_proj.weight"]), p[at + "mlp.down_proj.weight"]
        )
    return F.linear(norm(x, p["model.norm.weight"]), p["lm_head.weight"])


ids = torch.tensor([[(7 * (row * length + t) + 3 * row) % 37 for t in range(length)] for row in range(batch)])
targets = torch.tensor([[(5 * (row * length + t) + 11) % 37 for t in range(length)] for row in range(batch)])
numbers = lambda tensor: [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


def step(loss_of):
    """Loss, gradients and the weights after one AdamW step with clipping at 1."""
    p = fresh()
    decayed = [tensor for tensor in p.values() if tensor.dim() > 1]
    plain = [tensor for tensor in p.values() if tensor.dim() == 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    logits = forward(p, ids)
    chosen = torch.log_softmax(logits, -1).gather(-1, targets[..., None])[..., 0]
    loss = loss_of(chosen)
    loss.backward()
    gradients = {name: {"norm": numbers(tensor.grad.norm())[0], "first": numbers(tensor.grad.flatten()[:4])} for name, tensor in p.items()}
    total = torch.nn.utils.clip_grad_norm_(list(p.values()), 1.0)
    optimizer.step()
    after = {name: numbers(tensor.flatten()[:6]) for name, tensor in p.items()}
    return {"loss": numbers(loss)[0], "gradientNorm": numbers(total)[0], "gradients": gradients, "after": after}, logits, chosen


supervised, logits, chosen = step(lambda chosen: -chosen.mean())
wave = torch.tensor([math.sin(1.3 * index) for index in range(batch * length)]).view(batch, length)
old = chosen.detach() + 0.4 * wave
advantages = torch.tensor([[1.25], [-0.75]]).expand(batch, length)
reference = chosen.detach() - 0.2 * wave
weights = torch.tensor([[1.0 if t >= 4 else 0.0 for t in range(length)] for _ in range(batch)])


def surrogate(chosen):
    ratio = torch.exp(chosen - old)
    gain = torch.minimum(ratio * advantages, ratio.clamp(1 - 0.2, 1 + 0.28) * advantages)
    apart = reference - chosen
    kl = torch.exp(apart) - apart - 1
    return -((gain - 0.05 * kl) * weights).sum() / weights.sum()


grpo, _, _ = step(surrogate)
print(json.dumps({
    "config": config, "shapes": shapes, "tokens": ids.flatten().tolist(), "targets": targets.flatten().tolist(),
    "logProbabilities": numbers(chosen), "lastLogits": numbers(logits[1, -1]),
    "supervised": supervised,
    "grpo": {**grpo, "old": numbers(old), "advantages": numbers(advantages), "reference": numbers(reference), "weights": numbers(weights)},
}))
