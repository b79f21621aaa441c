"""Records what a version of transformers computes for Qwen2 folders of many configurations, and the ids that it gives texts,
for transformers.test.ts to compare with.

Weights are a formula of a tensor's name and an element's index, so that both sides make the same ones.
Run, with each of the two versions:  python3 record-transformers.py CHECKPOINT transformers-numbers.json
CHECKPOINT is a checkpoint of the built-in trainer on the arithmetic task; the file is added to, a version a key.
(made with PyTorch 2.15.0 and transformers 4.57.6 and 5.24.0)
"""
import hashlib
import json
import math
import os
import sys
import tempfile

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, Qwen2Config, Qwen2ForCausalLM
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

torch.set_num_threads(1)
checkpoint, target = sys.argv[1:]
version = transformers.__version__
length = 24
positions = [0, 11, 23]
ids = [(7 * t + 3) % 37 for t in range(length)]
base = dict(
    vocab_size=37, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1, intermediate_size=40,
    max_position_embeddings=64, bos_token_id=None, eos_token_id=1, pad_token_id=0,
)
rope = lambda **keys: {"rope_parameters" if version.startswith("5") else "rope_scaling": keys}
theta = lambda value: {"rope_parameters": {"rope_type": "default", "rope_theta": value}} if version.startswith("5") else {"rope_theta": value}
variants = {
    "plain": {},
    "another rotary base": theta(1000000.0),
    "tied embeddings": {"tie_word_embeddings": True},
    "grouped queries": {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 6},
    "no grouping": {"num_key_value_heads": 3},
    "wide heads": {"head_dim": 16},
    "another epsilon": {"rms_norm_eps": 1e-2},
    "dropout, which an evaluation has none of": {"attention_dropout": 0.1},
    "a sliding window that no layer has": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 2},
    "bfloat16": {"dtype": "bfloat16"},
    "half precision": {"dtype": "float16"},
    "a sliding window": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 0},
    "a sliding window in one layer": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1},
    "another activation": {"hidden_act": "gelu"},
    "linear scaling": rope(rope_type="linear", factor=2.0, rope_theta=10000.0),
    "dynamic scaling": rope(rope_type="dynamic", factor=2.0, rope_theta=10000.0),
    "yarn": rope(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, rope_theta=10000.0),
    "llama3 scaling": rope(
        rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16, rope_theta=10000.0
    ),
    "quantized": {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
}
numbers = lambda tensor: [float(f"{value:.6g}") for value in tensor.detach().float().flatten().tolist()]


def formula(name, shape):
    phase = sum(ord(character) for character in name)
    wave = [math.sin(0.7 * (index + 1) + phase) for index in range(math.prod(shape))]
    return torch.tensor([1 + 0.2 * x if "norm" in name else 0.3 * x for x in wave], dtype=torch.float64).float().reshape(shape)


def record(changes):
    """config.json as this version saves it, the shapes of the tensors in the file, and the logits of the folder opened again."""
    quantization = changes.get("quantization_config")
    config = Qwen2Config(**{**base, **{key: value for key, value in changes.items() if key not in ("dtype", "quantization_config")}})
    model = Qwen2ForCausalLM(config)
    state = {name: formula(name, tensor.shape) for name, tensor in model.state_dict().items()}
    if config.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state)
    dtype = getattr(torch, changes.get("dtype", "float32"))
    with tempfile.TemporaryDirectory() as folder:
        model.to(dtype).save_pretrained(folder)
        written = json.load(open(os.path.join(folder, "config.json")))
        shapes = {name: list(tensor.shape) for name, tensor in state.items() if not (config.tie_word_embeddings and name == "lm_head.weight")}
        if quantization is not None:
            return {"config": {**written, "quantization_config": quantization}, "shapes": shapes, "logits": None}
        opened = AutoModelForCausalLM.from_pretrained(folder, **({"dtype": torch.float32}), attn_implementation="eager").eval()
        logits = opened(torch.tensor([ids])).logits[0]
        return {"config": written, "shapes": shapes, "logits": numbers(logits[positions])}


def digest(folder):
    """What the ids depend on: the two files as they stand."""
    return hashlib.sha256(b"".join(open(os.path.join(folder, name), "rb").read() for name in ("tokenizer.json", "tokenizer_config.json"))).hexdigest()


def tricky_texts():
    """Texts of the arithmetic task's characters, spaces and Chinese in every place, and the one token of several characters."""
    alphabet = "0123456789+-*/=;?:,.() abcdefghijklmnopqrstuvwxyz检查验算得所以}"
    texts = ["", " ", "  ", "11-7+4=", "11-7=4 check 4+7=11;4+4=8 check 8-4=4;so \\boxed{8}", "4 检查 8;所以 \\boxed{8}", "\\boxed{\\boxed{1}}", "} \\boxed{", "<eos>", "1<pad><eos>2"]
    state = 12345
    while len(texts) < 300:
        text = ""
        for _ in range(len(texts) % 23 + 1):
            state = (state * 1103515245 + 12345) % 2**31
            draw = (state >> 8) % (len(alphabet) + 6)
            text += alphabet[draw] if draw < len(alphabet) else ["  ", "\\boxed{", " 检", "算 ", "=-", "<eos>"][draw - len(alphabet)]
        texts.append(text)
    return texts


def byte_level():
    """A small tokenizer of Qwen2's kind, as this version saves it, with what stands beside it in a real folder."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated", invert=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    corpus = ["The sum of 12 and 34 is 46, so the answer is \\boxed{46}.", "所以答案是 46。 检查一下", "def f(x):\n    return x + 1\n"] * 3
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=300, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as folder:
        tokenizer.save(os.path.join(first, "tokenizer.json"))
        json.dump({"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None,
                   "chat_template": "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"}, open(os.path.join(first, "tokenizer_config.json"), "w"))
        json.dump({"model_type": "qwen2"}, open(os.path.join(first, "config.json"), "w"))
        AutoTokenizer.from_pretrained(first).save_pretrained(folder)
        GenerationConfig(temperature=0.7, top_p=0.8, do_sample=True, eos_token_id=[1, 2]).save_pretrained(folder)
        files = {name: open(os.path.join(folder, name), encoding="utf8").read() for name in sorted(os.listdir(folder)) if name not in ("vocab.json", "merges.txt")}
        opened = AutoTokenizer.from_pretrained(folder)
        texts = ["The answer is \\boxed{46}.", " two  spaces\tand\nlines\r\n ", "所以答案是 46。", "don't I'll 1234 x+1", "<|im_start|>a<|im_end|>", "naïve café e\u0301", "🙂 emoji 👩‍👩‍👧", "\u00a0 \u3000x", "'S 'Re", "12 345 6"]
        return {"files": files, "texts": texts, "ids": [opened(text, add_special_tokens=False)["input_ids"] for text in texts]}


own = AutoTokenizer.from_pretrained(checkpoint)
texts = tricky_texts()
recorded = json.load(open(target, encoding="utf8")) if os.path.exists(target) else {}
recorded.update({"ids": ids, "positions": positions, "texts": texts})
recorded[version] = {
    "variants": {name: record(changes) for name, changes in variants.items()},
    "arithmetic": {
        "digest": digest(checkpoint), "size": len(own), "ids": [own(text, add_special_tokens=False)["input_ids"] for text in texts],
        "decoded": [own.decode(own(text, add_special_tokens=False)["input_ids"]) for text in texts] == texts,
    },
    "byteLevel": byte_level(),
}
json.dump(recorded, open(target, "w", encoding="utf8"), ensure_ascii=False, separators=(",", ":"))
