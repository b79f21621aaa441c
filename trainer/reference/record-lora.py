"""Records what PEFT computes for LoRA adapters on a small Qwen2 model, apart and merged, for lora.test.ts to compare with.

Weights are a formula of a tensor's name and an element's index, so that both sides make the same ones.
Run:  python3 record-lora.py lora-numbers.json      (made with PEFT 0.21.2, transformers 5.24.0 and PyTorch 2.15.0)
"""
import json
import math
import os
import sys
import tempfile

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

torch.set_num_threads(1)
ids = [(7 * t + 3) % 37 for t in range(24)]
positions = [0, 11, 23]
base = dict(
    vocab_size=37, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=6, intermediate_size=40,
    max_position_embeddings=64, bos_token_id=None, eos_token_id=1, pad_token_id=0,
)
every = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
variants = {
    "every matrix": dict(r=4, lora_alpha=8, target_modules=every),
    "queries and values": dict(r=8, lora_alpha=4, target_modules=["q_proj", "v_proj"]),
    "rank-stabilised": dict(r=4, lora_alpha=8, target_modules=every, use_rslora=True),
}
numbers = lambda tensor: [float(f"{value:.6g}") for value in tensor.detach().float().flatten().tolist()]


def formula(name, shape):
    phase = sum(ord(character) for character in name)
    wave = [math.sin(0.7 * (index + 1) + phase) for index in range(math.prod(shape))]
    return torch.tensor([1 + 0.2 * x if "norm" in name else 0.3 * x for x in wave], dtype=torch.float64).float().reshape(shape)


recorded = {"ids": ids, "positions": positions, "variants": {}}
for name, settings in variants.items():
    with tempfile.TemporaryDirectory() as folder:
        model = Qwen2ForCausalLM(Qwen2Config(**base))
        model.load_state_dict({key: formula(key, tensor.shape) for key, tensor in model.state_dict().items()})
        start = os.path.join(folder, "base")
        model.save_pretrained(start)
        recorded["config"] = json.load(open(os.path.join(start, "config.json")))
        recorded["shapes"] = {key: list(tensor.shape) for key, tensor in load_file(os.path.join(start, "model.safetensors")).items()}
        tuned = get_peft_model(AutoModelForCausalLM.from_pretrained(start), LoraConfig(task_type="CAUSAL_LM", **settings))
        for key, parameter in tuned.named_parameters():
            if "lora_" in key:
                parameter.data = formula(key.replace(".default", ""), parameter.shape)
        adapter = os.path.join(folder, "adapter")
        tuned.save_pretrained(adapter)
        tensors = load_file(os.path.join(adapter, "adapter_model.safetensors"))
        opened = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(start, attn_implementation="eager"), adapter).eval()
        apart = opened(torch.tensor([ids])).logits[0][positions]
        merged = opened.merge_and_unload()(torch.tensor([ids])).logits[0][positions]
        assert (apart - merged).abs().max() < 1e-4
        config = {**json.load(open(os.path.join(adapter, "adapter_config.json"))), "base_model_name_or_path": "../base"}
        recorded["variants"][name] = {
            "config": config, "shapes": {key: list(tensor.shape) for key, tensor in tensors.items()}, "logits": numbers(apart),
        }
json.dump(recorded, open(sys.argv[1], "w", encoding="utf8"), separators=(",", ":"))
