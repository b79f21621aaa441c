"""Records what TRL computes for further options of GRPO, for options.test.ts to compare with.

Run:  python3 record-options.py > options-numbers.json        (made with PyTorch 2.15.0 and TRL 1.16.0)
"""
import json

import torch
from trl.trainer.callbacks import SyncRefModelCallback
from trl.trainer.utils import nanstd

torch.manual_seed(2)
numbers = lambda tensor: [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]

# the lines of GRPOTrainer._generate_and_score_completions for multi_objective_aggregation, "normalize_then_sum"
groups, samples, names = 3, 4, ["correct", "length", "language"]
parts = torch.stack([100.0 * torch.randint(0, 2, (groups * samples,)), 10 * torch.rand(groups * samples), 5.0 * torch.randint(0, 2, (groups * samples,))], 1).double()
parts[samples : 2 * samples, 0] = 100
weights = torch.tensor([1.0, 0.25, 2.0]).double()


def normalize_then_sum(epsilon):
    grouped = parts.view(-1, samples, len(names))
    reward_k = (grouped - grouped.mean(1, keepdim=True)) / (nanstd(grouped, dim=1, keepdim=True) + epsilon)
    rewards = (reward_k.view(-1, len(names)) * weights.unsqueeze(0)).nansum(dim=1)
    return (rewards - rewards.mean()) / (nanstd(rewards) + epsilon)


reference, model = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
before, now = numbers(reference.weight), numbers(model.weight)
SyncRefModelCallback._sync_target_model(model, reference, 0.6)

print(json.dumps({
    "parts": [[dict(zip(names, numbers(parts[g * samples + s]))) for s in range(samples)] for g in range(groups)],
    "weights": dict(zip(names, numbers(weights))), "advantages": numbers(normalize_then_sum(1e-6)), "trlAdvantages": numbers(normalize_then_sum(1e-4)),
    "reference": before, "model": now, "mixup": 0.6, "moved": numbers(reference.weight),
}))
