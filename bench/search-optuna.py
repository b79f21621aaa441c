"""search-optuna.py TABLES REPETITIONS NEAR MOST: Optuna's samplers on the tables, each cell paid once however often it is proposed, until
the best is within NEAR of the table's or MOST trainings were made. Prints, by table and sampler, the best score after each new
training, a list a repetition, and what stood in the way of a sampler."""
import json
import sys
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")
tables = json.load(open(sys.argv[1]))["tables"]
repetitions, near, most = int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
samplers = {
    "Optuna TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "Optuna GP": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True),
}


def is_number(values):
    try:
        [float(value) for value in values]
    except ValueError:
        return False
    return True


def search(table, sampler, seed):
    axes = table["axes"]
    cells = len(table["curves"])
    wanted = max(curve[-1] for curve in table["curves"]) - near
    best, seen = [], set()
    study = optuna.create_study(direction="maximize", sampler=sampler(seed))
    # what is proposed again costs nothing, and at some point nothing new comes
    for _ in range(3 * min(cells, most) + 20):
        if len(seen) == min(cells, most) or (best and best[-1] >= wanted):
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
        score = table["curves"][place][-1]
        study.tell(trial, score)
        if place not in seen:
            seen.add(place)
            best.append(max(score, best[-1] if best else score))
    return best


curves, trouble = {}, []
for name, sampler in list(samplers.items()):
    try:
        search(tables[0], sampler, 0)
    except Exception as error:
        trouble.append(f"{name}: {type(error).__name__}: {error}".split("\n")[0])
        del samplers[name]
for table in tables:
    curves[table["name"]] = {
        name: [search(table, sampler, seed) for seed in range(repetitions)] for name, sampler in samplers.items()
    }
    print(table["name"], file=sys.stderr)
json.dump({"curves": curves, "trouble": trouble}, sys.stdout)
