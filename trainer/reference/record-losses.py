"""Records what TRL, verl and transformers compute for the options of GRPO, for losses.test.ts to compare with.

Run:  python3 record-losses.py VERL > loss-numbers.json        VERL: verl's trainer/ppo/core_algos.py, of whose functions a few are run
(made with PyTorch 2.15.0, transformers 5.24.0, TRL 1.16.0 and verl 0.9.1)
"""
import ast
import json
import sys
from collections import defaultdict
from types import SimpleNamespace

import torch
from transformers import get_cosine_schedule_with_warmup
from transformers.generation.logits_process import (
    LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper,
)
from trl import GRPOTrainer
from trl.trainer.utils import nanstd

torch.manual_seed(1)
numbers = lambda tensor: [float(f"{value:.7g}") for value in tensor.detach().double().flatten().tolist()]
samples, length, longest = 6, 7, 9
lengths = [7, 3, 5, 1, 6, 4]
truncated = [True, False, False, False, True, False]
mask = torch.tensor([[1.0 if t < n else 0.0 for t in range(length)] for n in lengths])
old = -2 * torch.rand(samples, length) - 0.05
start = old + 0.5 * torch.randn(samples, length)
reference = old + 0.3 * torch.randn(samples, length)
entropies = 2 * torch.rand(samples, length)
advantages = torch.tensor([1.3, -0.7, 0.4, -1.6, 0.9, -0.3])
names, tree = {"agg_loss", "kl_penalty_forward", "compute_policy_loss_vanilla", "compute_policy_loss_gspo"}, ast.parse(open(sys.argv[1]).read())
functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
for function in functions:
    function.decorator_list = []
    function.returns = None
    for argument in function.args.args:
        argument.annotation = None
masked_mean = lambda values, mask: (values * mask).sum() / mask.sum()
verl = {"torch": torch, "AlgoConfig": (), "verl_F": SimpleNamespace(masked_mean=masked_mean, masked_sum=lambda values, mask: (values * mask).sum())}
exec(compile(ast.Module(functions, []), sys.argv[1], "exec"), verl)


def trl_loss(chosen, loss_type="bnpo", level="token", delta=None, beta=0.0, high=0.28, entropy_coef=0.0, counted=mask, items=None):
    """TRL's own method, on log-probabilities that are given."""
    accelerator = SimpleNamespace(
        num_processes=1, gather=lambda x: x, gather_for_metrics=lambda x: x, reduce=lambda x, reduction: x, sync_gradients=True
    )
    trainer = SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *_, **__: (chosen, entropies, None), aux_loss_enabled=False, top_entropy_quantile=1.0,
        off_policy_mask_threshold=None, importance_sampling_level=level, beta=beta, loss_type=loss_type, epsilon_low=0.2, epsilon_high=high,
        max_completion_length=longest, current_gradient_accumulation_steps=1, use_vllm=False, accelerator=accelerator,
        _entropy_bonus_enabled=entropy_coef > 0, use_adaptive_entropy=False, entropy_coef=entropy_coef, model=SimpleNamespace(training=True),
        args=SimpleNamespace(delta=delta, use_bias_correction_kl=False, steps_per_generation=2),
        _metrics={"train": defaultdict(list)},
    )
    inputs = {
        "prompt_ids": torch.zeros(samples, 1), "prompt_mask": torch.ones(samples, 1), "completion_ids": torch.zeros(samples, length),
        "completion_mask": counted, "advantages": advantages, "old_per_token_logps": old, "ref_per_token_logps": reference,
        "num_items_in_batch": counted.sum() if items is None else torch.tensor(items),
    }
    return GRPOTrainer._compute_loss(trainer, None, inputs)


class VerlConfig(SimpleNamespace):
    def get(self, name, default):
        return getattr(self, name, default)


def verl_loss(chosen, function="compute_policy_loss_vanilla", c=3.0):
    config = VerlConfig(clip_ratio=0.2, clip_ratio_low=0.2, clip_ratio_high=0.28, clip_ratio_c=c, global_batch_info={})
    return verl[function](old, chosen, advantages[:, None].expand(samples, length), mask, "token-mean", config)[0]


def record(settings, loss_of):
    chosen = start.clone().requires_grad_()
    loss = loss_of(chosen)
    loss.backward()
    return {"settings": settings, "loss": numbers(loss)[0], "gradient": numbers(chosen.grad)}


masked = mask * torch.tensor([0.0 if cut else 1.0 for cut in truncated])[:, None]
far = old + torch.linspace(-30, 30, samples * length).view(samples, length)
losses = {
    "bnpo": record({}, lambda chosen: trl_loss(chosen)),
    "dapo": record({"loss_type": "dapo"}, lambda chosen: trl_loss(chosen, "dapo", items=60.0)),
    "grpo": record({"loss_type": "grpo"}, lambda chosen: trl_loss(chosen, "grpo")),
    "dr_grpo": record({"loss_type": "dr_grpo"}, lambda chosen: trl_loss(chosen, "dr_grpo")),
    "sequence": record({"importance_sampling_level": "sequence"}, lambda chosen: trl_loss(chosen, level="sequence")),
    "sequence, grpo": record({"importance_sampling_level": "sequence", "loss_type": "grpo"}, lambda chosen: trl_loss(chosen, "grpo", "sequence")),
    "dual clip": record({"dual_clip": 1.4}, lambda chosen: trl_loss(chosen, delta=1.4)),
    "divergence": record({"kl_coefficient": 0.3, "loss_type": "grpo"}, lambda chosen: trl_loss(chosen, "grpo", beta=0.3)),
    "divergence, sequence": record(
        {"kl_coefficient": 0.3, "importance_sampling_level": "sequence"}, lambda chosen: trl_loss(chosen, level="sequence", beta=0.3)
    ),
    "truncated masked": record({"mask_truncated_completions": True}, lambda chosen: trl_loss(chosen, counted=masked)),
    "truncated masked, grpo": record(
        {"mask_truncated_completions": True, "loss_type": "grpo"}, lambda chosen: trl_loss(chosen, "grpo", counted=masked)
    ),
    "verl": record({}, lambda chosen: verl_loss(chosen, c=30.0)),
    "verl, dual clip": record({"dual_clip": 1.4}, lambda chosen: verl_loss(chosen, c=1.4)),
}
with_entropy = [numbers(trl_loss(start, entropy_coef=coefficient))[0] for coefficient in (0.0, 0.25)]
chosen = far.clone().requires_grad_()
divergence = verl["kl_penalty_forward"](chosen, old, "k3")
divergence.sum().backward()

rewards = torch.tensor([[100.0, 0, 0, -1], [5, 7, 6, 9], [3, 3, 3, 3]])
mean = rewards.mean(1, keepdim=True)
group, batch = nanstd(rewards, dim=1)[:, None], nanstd(rewards)

logits = torch.tensor([2.0, 1.0, 0.5, -0.3, 3.1, 0.0, -2.0, 2.9])
seen = [4, 4, 1, 6]
samplers = []
for options in [
    {"temperature": 0.7}, {"top_k": 3}, {"top_p": 0.8}, {"min_p": 0.2}, {"repetition_penalty": 1.5},
    {"temperature": 1.3, "top_k": 6, "top_p": 0.7, "min_p": 0.1, "repetition_penalty": 1.2}, {"top_p": 0.05}, {"top_k": 20}, {"min_p": 1.0},
]:
    makers = {
        "repetition_penalty": RepetitionPenaltyLogitsProcessor, "temperature": TemperatureLogitsWarper, "top_k": TopKLogitsWarper,
        "top_p": TopPLogitsWarper, "min_p": MinPLogitsWarper,
    }
    chain = LogitsProcessorList([makers[name](options[name]) for name in makers if name in options])
    samplers.append({"options": options, "probabilities": numbers(torch.softmax(chain(torch.tensor([seen]), logits[None].clone()), -1))})

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
schedule = get_cosine_schedule_with_warmup(optimizer, 10, 100)
rates = []
for _ in range(100):
    optimizer.step()
    schedule.step()
    rates.append(optimizer.param_groups[0]["lr"])

# the terms of DPOTrainer._compute_loss, of log-probabilities summed by sample; pairs are (0, 1), (2, 3), (4, 5)
def preference(loss_type, beta):
    chosen = start.clone().requires_grad_()
    ratios = ((chosen - reference) * mask).sum(1)
    better, worse = ratios[0::2], ratios[1::2]
    delta = better - worse
    if loss_type == "sigmoid":
        loss = -torch.nn.functional.logsigmoid(beta * delta)
    elif loss_type == "hinge":
        loss = torch.relu(1 - beta * delta)
    else:
        count = mask.sum(1)
        loss = (better / count[0::2] - worse / count[1::2] - 1 / (2 * beta)) ** 2
    loss.mean().backward()
    return {"loss_type": loss_type, "beta": beta, "loss": numbers(loss.mean())[0], "gradient": numbers(chosen.grad)}


preferences = [preference(loss_type, beta) for loss_type in ("sigmoid", "hinge", "ipo") for beta in (0.1, 0.7, 40.0)]

print(json.dumps({
    "longest": longest, "usual": 30.0, "lengths": lengths, "truncated": truncated, "old": numbers(old), "start": numbers(start),
    "reference": numbers(reference), "entropies": numbers(entropies), "advantages": numbers(advantages), "losses": losses,
    "entropyBonus": {"coefficient": 0.25, "without": with_entropy[0], "with": with_entropy[1]},
    "divergence": {"chosen": numbers(far), "reference": numbers(old), "values": numbers(divergence), "gradient": numbers(chosen.grad)},
    "rewards": rewards.tolist(), "scaled": {"group": numbers((rewards - mean) / (group + 1e-6)), "batch": numbers((rewards - mean) / (batch + 1e-6)), "none": numbers(rewards - mean)},
    "logits": numbers(logits), "seen": seen, "samplers": samplers, "rates": rates, "preferences": preferences,
}))
