"""search-optuna.py TABLES REPETITIONS NEAR MOST JOBS: Optuna's samplers on the tables, alone and with its pruners where trainings have a length. An
epoch of a cell is paid once however often it is proposed; a search ends when a training within NEAR of the table's best came to its end,
or MOST whole trainings were spent. JOBS processes share the searches. Prints, by table and way, a list a repetition: after each new training what was spent, in whole
trainings, and the best score of those that came to their end (null before); and what stood in the way of a sampler."""
import json
import math
import multiprocessing
import os
import sys
import time
import warnings

# matrices of some dozen rows: more threads than one wait for each other
os.environ["OMP_NUM_THREADS"] = "1"

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")
tables = json.load(open(sys.argv[1]))["tables"]
repetitions, near, most, jobs = int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
samplers = {
    "Optuna TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "Optuna GP": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True),
}
# as far as they can be set alike: from a ninth of the length where nothing else is said, a third of them
pruners = {
    "halving": lambda length: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=math.ceil(length / 9), reduction_factor=3
    ),
    "halving from a third": lambda length: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=math.ceil(length / 3), reduction_factor=3
    ),
    "median": lambda length: optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=math.ceil(length / 9) - 1),
    "Hyperband": lambda length: optuna.pruners.HyperbandPruner(
        min_resource=math.ceil(length / 9), max_resource=length, reduction_factor=3
    ),
}


def is_number(values):
    try:
        [float(value) for value in values]
    except ValueError:
        return False
    return True


def search(table, sampler, seed, pruner=None):
    axes, curves = table["axes"], table["curves"]
    length = len(curves[0])
    wanted = max(curve[-1] for curve in curves) - near
    trained, spent, best, reached = {}, 0, None, []
    study = optuna.create_study(
        direction="maximize", sampler=sampler(seed), pruner=pruner(length) if pruner else optuna.pruners.NopPruner()
    )
    # what is proposed again costs nothing, and at some point nothing new comes
    for _ in range(3 * min(len(curves), most) + 20):
        if len(trained) == len(curves) or spent >= most * length or (best is not None and best >= wanted):
            break
        trial = study.ask()
        place = 0
        for name, values in axes.items():
            # numbers by their order, which is even on the scale that they were written on; names as names
            at = (
                trial.suggest_int(name, 0, len(values) - 1)
                if is_number(values)
                else values.index(trial.suggest_categorical(name, values))
            )
            place = place * len(values) + at
        known = trained.get(place, 0)
        epochs = length
        if pruner:
            for epoch, score in enumerate(curves[place], start=1):
                trial.report(score, epoch)
                # at its last epoch there is nothing left to save
                if epoch < length and trial.should_prune():
                    epochs = epoch
                    break
        if epochs < length:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, curves[place][-1])
            best = max(curves[place][-1], best if best is not None else -math.inf)
        if epochs > known:
            spent += epochs - known
            trained[place] = epochs
            reached.append([spent / length, best])
    return reached


def ways(table):
    """Names of samplers, and of the pruners beside them where trainings have a length."""
    alone = [(name, None) for name in samplers]
    return alone + [(name, pruner) for name in samplers for pruner in pruners if len(table["curves"][0]) > 1]


def run(task):
    place, sampler, pruner, seed = task
    return search(tables[place], samplers[sampler], seed, pruners[pruner] if pruner else None)


if __name__ == "__main__":
    trouble = []
    for name, sampler in list(samplers.items()):
        try:
            search(tables[0], sampler, 0)
        except Exception as error:
            trouble.append(f"{name}: {type(error).__name__}: {error}".split("\n")[0])
            del samplers[name]
    found = {}
    # forked, so that a sampler that cannot be had is left out in each
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        for place, table in enumerate(tables):
            started = time.monotonic()
            tasks = [(place, *way, seed) for way in ways(table) for seed in range(repetitions)]
            reached = found[table["name"]] = {}
            for (_, sampler, pruner, _), one in zip(tasks, pool.map(run, tasks, chunksize=1)):
                reached.setdefault(f"{sampler} + {pruner}" if pruner else sampler, []).append(one)
            print(f"{table['name']}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    json.dump({"reached": found, "trouble": trouble}, sys.stdout)
