"""
Hugging Face's Trainer, TRL's SFTTrainer and GRPOTrainer on a tiny random model, as people start them. Arguments: trainer | sft | grpo,
wandb | mlflow | trackio | tensorboard, and a file for what the trainer itself says it logged. Needs torch, transformers and trl: by hand only.
"""
import json, os, sys
import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, Trainer, TrainingArguments

kind, client, said = sys.argv[1:4]
words = ["<pad>", "<eos>", "<unk>", *"0123456789+=", *(f"w{at}" for at in range(40))]
plain = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
plain.pre_tokenizer = pre_tokenizers.Split("", "isolated")
tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")
torch.manual_seed(1)
model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=16, vocab_size=len(words), n_positions=64, bos_token_id=1, eos_token_id=1, pad_token_id=0))
if client == "tensorboard":
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", os.environ["SWEEPBOARD_TENSORBOARD"])
common = dict(output_dir="out", max_steps=20, logging_steps=5, save_strategy="no", learning_rate=1e-3, report_to=[client], use_cpu=True, run_name=f"{kind} {client}")
texts = [f"{a}+{b}={a + b}" for a in range(5) for b in range(5)]
if kind == "trainer":
    data = [{"input_ids": torch.tensor(tokenizer(text)["input_ids"][:4]), "labels": torch.tensor(tokenizer(text)["input_ids"][:4])} for text in texts]
    trainer = Trainer(model, TrainingArguments(**common, eval_strategy="steps", eval_steps=10), train_dataset=data, eval_dataset=data[:8])
elif kind == "sft":
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(model, args=SFTConfig(**common, max_length=16), train_dataset=Dataset.from_dict({"text": texts}), processing_class=tokenizer)
else:
    from trl import GRPOConfig, GRPOTrainer

    def length(completions, **_):
        return [float(len(each)) for each in completions]

    prompts = Dataset.from_dict({"prompt": [text.split("=")[0] + "=" for text in texts]})
    config = GRPOConfig(**common, num_generations=4, per_device_train_batch_size=4, max_completion_length=6, log_completions=True)
    trainer = GRPOTrainer(model, reward_funcs=length, args=config, train_dataset=prompts, processing_class=tokenizer)
trainer.train()
with open(said, "w") as file:
    json.dump(trainer.state.log_history, file)
