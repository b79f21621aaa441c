"""What python.system.test.ts asks of the real transformers and PEFT; see there. Each call reads and writes ROOT.

python3 real-folders.py write ROOT   models of every kind with adapters, apart and merged, and what they compute: theirs.json
python3 real-folders.py open ROOT    the folders that ours.json lists, opened: opened.json
"""
import itertools
import json
import os
import sys

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

torch.set_num_threads(1)
torch.manual_seed(3)
command, root = sys.argv[1:]
asked = json.load(open(os.path.join(root, "asked.json"), encoding="utf8"))


def logits_of(model):
    with torch.no_grad():
        return model.eval()(torch.tensor([asked["ids"]])).logits[0].double().flatten().tolist()


def ids_of(folder, kind):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in asked["texts"][kind]]


def opened(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")


def write():
    told = {}
    for tied, grouped, dtype, sharded in itertools.product((True, False), (True, False), ("float32", "bfloat16"), (True, False)):
        kind = "arithmetic" if grouped else "byteLevel"
        config = Qwen2Config(
            vocab_size=asked["vocabulary"][kind], hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2 if grouped else 4,
            intermediate_size=48, max_position_embeddings=96, tie_word_embeddings=tied, initializer_range=0.3, bos_token_id=None, eos_token_id=1, pad_token_id=0,
        )
        name = f"{'tied' if tied else 'untied'}, {'grouped' if grouped else 'ungrouped'}, {dtype}, {'sharded' if sharded else 'whole'}"
        folder = os.path.join(root, name)
        model = Qwen2ForCausalLM(config)
        for key, parameter in model.named_parameters():
            if key.endswith("bias"):
                torch.nn.init.normal_(parameter, std=0.3)
        shards = {"max_shard_size": "20KB"} if sharded else {}
        save = lambda model, folder: (model.to(getattr(torch, dtype)).save_pretrained(folder, **shards), AutoTokenizer.from_pretrained(os.path.join(root, kind)).save_pretrained(folder))
        save(model, folder)
        assert os.path.exists(os.path.join(folder, "model.safetensors.index.json")) == sharded
        told[name] = {"kind": kind, "logits": logits_of(opened(folder)), "ids": ids_of(folder, kind)}
        tuned = get_peft_model(opened(folder), LoraConfig(task_type="CAUSAL_LM", r=3, lora_alpha=6, target_modules="all-linear", use_rslora=sharded))
        for key, parameter in tuned.named_parameters():
            if "lora_B" in key:
                torch.nn.init.normal_(parameter, std=0.1)
        tuned.save_pretrained(folder + ", adapter")
        told[name + ", adapter"] = {"kind": kind, "logits": logits_of(tuned), "ids": told[name]["ids"]}
        merged = PeftModel.from_pretrained(opened(folder), folder + ", adapter").merge_and_unload()
        save(merged, folder + ", merged")
        told[name + ", merged"] = {"kind": kind, "logits": logits_of(opened(folder + ", merged")), "ids": ids_of(folder + ", merged", kind)}
    return told


def open_all():
    told = {}
    for name, kind in asked["ours"].items():
        folder = os.path.join(root, name)
        settings = os.path.join(folder, "adapter_config.json")
        # an adapter is opened by PEFT on the model that it names, and once more by transformers, which looks for that itself
        adapted = os.path.exists(settings)
        base = json.load(open(settings))["base_model_name_or_path"] if adapted else folder
        ways = [PeftModel.from_pretrained(opened(base), folder), opened(folder)] if adapted else [opened(folder)]
        told[name] = {"logits": [logits_of(model) for model in ways], "ids": ids_of(folder, kind)}
    return told


told = write() if command == "write" else open_all()
json.dump({"version": transformers.__version__, "folders": told}, open(os.path.join(root, "told.json"), "w"))
