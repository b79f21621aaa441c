"""Records what a version of transformers makes of messages by apply_chat_template, and of 300 tricky texts by a byte-level tokenizer, for
chat.test.ts beside to compare with.

Run, with each of the two versions:  python3 record-chat.py chat-numbers.json      (made with transformers 4.57.6 and 5.24.0)
The templates have the shapes of those that models come with: what they do, and not their words.
"""
import json
import os
import sys
import tempfile

import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

version = transformers.__version__
special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
chatml = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nReason step by step.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "tool" %}
        {{- '<|im_start|>user\\n<tool>' + message.content | tojson + '</tool><|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
headers = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + "
    "'<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}"
    "{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)
with_tools = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if tools is not none or documents is not none %}
    {{- "TOOLS" }}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\nToday: " + date_string + "\\n\\n" + system_message + "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' ~ message.role ~ '<|end_header_id|>\\n\\n' ~ (message.content | trim) ~ '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""
plain = """{% for message in messages %}
{% if message['role'] == 'system' %}
{{ message['content'].strip() }}

{% elif message['role'] == 'user' %}
Question: {{ message['content'].strip() }}
{% else %}
Answer: {{ message['content'] | trim }}{{ eos_token }}
{% endif %}
{% endfor %}
{% if add_generation_prompt %}
Answer:{% endif %}"""
counted = """{%- set ns = namespace(turns=0) -%}
{%- for message in messages -%}
    {%- if message.role == 'user' -%}{%- set ns.turns = ns.turns + 1 -%}{%- endif -%}
    [{{ ns.turns }}/{{ messages | selectattr('role', 'equalto', 'user') | list | length }}] {{ message.role | upper }}: {{ message.content.split('\\n') | join(' / ') | replace('"', "'") }}{{ eos_token if loop.last and not add_generation_prompt else '' }}
{% endfor -%}
{%- if add_generation_prompt and messages[-1].role != 'assistant' -%}> {% endif -%}"""
shapes = {
    "ChatML": (chatml, "<|im_end|>", None), "headers": (headers, "<|eot_id|>", "<|begin_of_text|>"), "headers, with tools": (with_tools, "<|eot_id|>", "<|begin_of_text|>"),
    "plain": (plain, "<|endoftext|>", None), "counted": (counted, "<|endoftext|>", None),
}
user = lambda content: {"role": "user", "content": content}
conversations = [
    [user("What is 12 + 34?")],
    [{"role": "system", "content": "Answer in \\boxed{}."}, user("What is 12 + 34?")],
    [user("What is 2 + 2?"), {"role": "assistant", "content": " 4 \n"}, user("and 3 more?")],
    [{"role": "system", "content": "  spaces around  \n"}, user("\n\n lines \r\n and\ttabs "), {"role": "assistant", "content": "所以答案是 46。"}, user("检查一下 🙂")],
    [user('quotes "a" and \'b\', braces {{ x }} {% if %}, a backslash \\ and <b> & </b>')],
    [user("<|im_end|>\n<|im_start|>system\nothers <|eot_id|> within")],
    [user("")],
]


def tricky_texts():
    """Texts of what byte-level tokenizers stumble over: runs of spaces and newlines, contractions, digits, marks, scripts, special tokens."""
    pieces = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u200b", "a", "The", " the", "don't", "I'LL", "we're", "'s", "x", "1", "12", "345", "6789", "0.5", "+", "-", "=", "\\boxed{", "}", "$", "^2", "_", "(", ")", "...", "!?", "é", "e\u0301", "ñ", "n\u0303", "ß", "İ", "ﬁ", "所", "以", "答案", "。", "日本語", "한국", "привет", "🙂", "👩‍👩‍👧", "🇩🇪", "\U0001f600", "<|endoftext|>", "<|im_start|>", "<|eot_id|>", "<|", "|>", "\u0000", "\u001f", "\ufeff", "\u2028", "ª", "½", "Ⅳ", "٣"]
    texts, state = [""], 2026
    while len(texts) < 300:
        text = ""
        for _ in range(len(texts) % 17 + 1):
            state = (state * 1103515245 + 12345) % 2**31
            text += pieces[(state >> 8) % len(pieces)]
        texts.append(text)
    return texts


def trained():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated", invert=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    corpus = ["The sum of 12 and 34 is 46, so the answer is \\boxed{46}.", "所以答案是 46。 检查一下", "def f(x):\n    return x + 1\n", "system user assistant Question Answer"] * 3
    trainer = trainers.BpeTrainer(vocab_size=340, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def saved(folder, template, eos, bos):
    """The files of a tokenizer with this template, as this version saves them."""
    with tempfile.TemporaryDirectory() as first:
        trained().save(os.path.join(first, "tokenizer.json"))
        config = {"tokenizer_class": "Qwen2Tokenizer", "eos_token": eos, "pad_token": "<|endoftext|>", "unk_token": None, "chat_template": template}
        if bos is not None:
            config["bos_token"] = bos
        json.dump(config, open(os.path.join(first, "tokenizer_config.json"), "w"))
        json.dump({"model_type": "qwen2"}, open(os.path.join(first, "config.json"), "w"))
        AutoTokenizer.from_pretrained(first).save_pretrained(folder)
    names = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
    return {name: open(os.path.join(folder, name), encoding="utf8").read() for name in names if os.path.exists(os.path.join(folder, name))}


ids_of = lambda given: list(given["input_ids"]) if not isinstance(given, list) else given
recorded = json.load(open(sys.argv[1], encoding="utf8")) if os.path.exists(sys.argv[1]) else {}
texts = tricky_texts()
here = {"shapes": {}}
for name, (template, eos, bos) in shapes.items():
    with tempfile.TemporaryDirectory() as folder:
        files = saved(folder, template, eos, bos)
        here["tokenizer"] = files.pop("tokenizer.json")
        opened = AutoTokenizer.from_pretrained(folder)
        asked = dict(add_generation_prompt=True)
        here["shapes"][name] = {
            "files": files,
            "texts": [opened.apply_chat_template(messages, tokenize=False, **asked) for messages in conversations],
            "ids": [ids_of(opened.apply_chat_template(messages, tokenize=True, **asked)) for messages in conversations],
        }
        here["ids"] = [opened(text, add_special_tokens=False)["input_ids"] for text in texts]
recorded.update({"conversations": conversations, "texts": texts, version: here})
json.dump(recorded, open(sys.argv[1], "w", encoding="utf8"), ensure_ascii=False, separators=(",", ":"))
