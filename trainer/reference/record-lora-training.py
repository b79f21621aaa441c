"""Records what PyTorch and PEFT compute for one training step of LoRA adapters on a small Qwen2 model, for lora-training.test.ts to compare with.

Weights are a formula of a tensor's name and an element's index, so that both sides make the same ones.
Run:  python3 record-lora-training.py lora-training-numbers.json      (made with PEFT 0.21.2, transformers 5.24.0 and PyTorch 2.15.0)
"""
import json
import math
import sys
import tempfile

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

torch.set_num_threads(1)
batch, length = 2, 11
base = dict(
    vocab_size=37, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8, intermediate_size=40,
    max_position_embeddings=64, bos_token_id=None, eos_token_id=1, pad_token_id=0,
)
every = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
variants = {
    "every matrix": dict(r=4, lora_alpha=8, target_modules=every),
    "queries and values": dict(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj"]),
    "keys and down, tied": dict(r=2, lora_alpha=1, target_modules=["k_proj", "down_proj"]),
    "rank-stabilised": dict(r=4, lora_alpha=2, target_modules=every, use_rslora=True),
}
ids = torch.tensor([[(7 * (row * length + t) + 3 * row) % 37 for t in range(length)] for row in range(batch)])
targets = torch.tensor([[(5 * (row * length + t) + 11) % 37 for t in range(length)] for row in range(batch)])
numbers = lambda tensor: [float(f"{value:.7g}") for value in tensor.detach().double().flatten().tolist()]


def formula(name, shape):
    phase = sum(ord(character) for character in name)
    wave = [math.sin(0.7 * (index + 1) + phase) for index in range(math.prod(shape))]
    return torch.tensor([1 + 0.2 * x if "norm" in name else 0.3 * x for x in wave], dtype=torch.float64).float().reshape(shape)


def opened(folder, settings):
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager"), LoraConfig(task_type="CAUSAL_LM", **settings))
    for key, parameter in model.named_parameters():
        if "lora_" in key:
            parameter.data = formula(key.replace(".default", ""), parameter.shape)
    return model


def chosen_of(model):
    return torch.log_softmax(model(ids).logits, -1).gather(-1, targets[..., None])[..., 0]


def step(folder, settings, loss_of):
    """Loss, gradients of the adapter's matrices, and these after one AdamW step with clipping at 1."""
    model = opened(folder, settings)
    trained = {key.replace(".default", ""): parameter for key, parameter in model.named_parameters() if parameter.requires_grad}
    assert all("lora_" in key for key in trained)
    optimizer = torch.optim.AdamW(trained.values(), lr=0.01, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    with torch.no_grad(), model.disable_adapter():
        reference = chosen_of(model)
    loss = loss_of(chosen_of(model), reference)
    loss.backward()
    gradients = {key: {"norm": numbers(tensor.grad.norm())[0], "first": numbers(tensor.grad.flatten()[:6])} for key, tensor in trained.items()}
    total = torch.nn.utils.clip_grad_norm_(list(trained.values()), 1.0)
    optimizer.step()
    after = {key: numbers(tensor.flatten()[:6]) for key, tensor in trained.items()}
    return {"loss": numbers(loss)[0], "gradientNorm": numbers(total)[0], "gradients": gradients, "after": after, "reference": numbers(reference)}


wave = torch.tensor([math.sin(1.3 * index) for index in range(batch * length)]).view(batch, length)
advantages = torch.tensor([[1.25], [-0.75]]).expand(batch, length)
weights = torch.tensor([[1.0 if t >= 4 else 0.0 for t in range(length)] for _ in range(batch)])


def surrogate(old):
    """GRPO's loss with the divergence from the model without its adapter."""
    def loss(chosen, reference):
        ratio = torch.exp(chosen - old)
        gain = torch.minimum(ratio * advantages, ratio.clamp(1 - 0.2, 1 + 0.28) * advantages)
        apart = reference - chosen
        kl = torch.exp(apart) - apart - 1
        return -((gain - 0.05 * kl) * weights).sum() / weights.sum()
    return loss


recorded = {"tokens": ids.flatten().tolist(), "targets": targets.flatten().tolist(), "variants": {}}
for name, settings in variants.items():
    with tempfile.TemporaryDirectory() as folder:
        model = Qwen2ForCausalLM(Qwen2Config(**base, tie_word_embeddings="tied" in name))
        state = {key: formula(key, tensor.shape) for key, tensor in model.state_dict().items()}
        if "tied" in name:
            state["lm_head.weight"] = state["model.embed_tokens.weight"]
        model.load_state_dict(state)
        model.save_pretrained(folder)
        with torch.no_grad():
            old = chosen_of(opened(folder, settings)) + 0.4 * wave
        recorded["variants"][name] = {
            "config": json.load(open(folder + "/config.json")), "settings": settings,
            "shapes": {key: list(tensor.shape) for key, tensor in state.items() if not ("tied" in name and key == "lm_head.weight")},
            "supervised": step(folder, settings, lambda chosen, _: -chosen.mean()),
            "grpo": {**step(folder, settings, surrogate(old)), "old": numbers(old)},
        }
recorded["advantages"], recorded["weights"] = numbers(advantages), numbers(weights)
json.dump(recorded, open(sys.argv[1], "w", encoding="utf8"), separators=(",", ":"))
