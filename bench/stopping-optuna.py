"""stopping-optuna.py GRIDS: Optuna's pruners on the grids of bench/stopping.ts, one training after the other in the order given, each
telling its accuracy after every epoch. Prints, by pruner, a list of [share of the epochs, regret], a grid each."""
import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
grids = json.load(open(sys.argv[1]))
pruners = {
    "Optuna's median, after three, one at a time": lambda: optuna.pruners.MedianPruner(n_startup_trials=3),
    "Optuna's successive halving from a ninth, one at a time": lambda: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=1, reduction_factor=3
    ),
    "Optuna's successive halving from a third, one at a time": lambda: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=3, reduction_factor=3
    ),
    "Optuna's Hyperband, one at a time": lambda: optuna.pruners.HyperbandPruner(
        min_resource=1, max_resource=9, reduction_factor=3
    ),
}


def run(grid, make):
    study = optuna.create_study(direction="maximize", pruner=make(), sampler=optuna.samplers.RandomSampler(seed=1))
    spent, ended = 0, []
    for curve in grid:
        trial = study.ask()
        pruned = False
        for epoch, score in enumerate(curve, start=1):
            spent += 1
            trial.report(score, epoch)
            # at its last epoch there is nothing left to save
            if epoch < len(curve) and trial.should_prune():
                pruned = True
                break
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, curve[-1])
            ended.append(curve[-1])
    best = max(curve[-1] for curve in grid)
    return [spent / sum(len(curve) for curve in grid), best - max(ended)]


json.dump({name: [run(grid, make) for grid in grids] for name, make in pruners.items()}, sys.stdout)
