# Learning curves of real trainings for bench/stopping.ts: classical models of scikit-learn on data that it ships, one epoch of partial_fit
# after the other. Prints one JSON object: tables of settings, each with the right answers on held-out data after each epoch.
import json
import sys
import warnings

import numpy
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
EPOCHS = 9
RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
SIZES = [64, 128, 256]


def curve(model, x, y, x_test, y_test, batch, seed):
    """Right answers after each epoch."""
    order = numpy.random.default_rng(seed)
    classes = numpy.unique(y)
    right = []
    for _ in range(EPOCHS):
        rows = order.permutation(len(x))
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            model.partial_fit(x[part], y[part], classes=classes)
        right.append(int((model.predict(x_test) == y_test).sum()))
    return right


def table(name, loader, make, decays, noise):
    x, y = loader(return_X_y=True)
    order = numpy.random.default_rng(7)
    # labels that are wrong now and then, as in data that people collect
    wrong = order.random(len(y)) < noise
    y = numpy.where(wrong, order.permutation(y), y)
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.5, random_state=1, stratify=y)
    scaler = StandardScaler().fit(x)
    x, x_test = scaler.transform(x), scaler.transform(x_test)
    rows = []
    for rate in RATES:
        for batch in SIZES:
            for decay in decays:
                rows.append(
                    {
                        "settings": [rate, batch, decay],
                        "right": curve(make(rate, decay), x, y, x_test, y_test, batch, seed=3),
                    }
                )
    return {"name": name, "asked": len(y_test), "rows": rows}


def linear(rate, decay):
    return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate, alpha=decay, random_state=0)


def network(rate, decay):
    return MLPClassifier((32,), solver="adam", learning_rate_init=rate, alpha=decay, random_state=0)


tables = [
    table("digits, network", load_digits, network, [1e-4], 0.1),
    table("digits, linear", load_digits, linear, [1e-4, 1e-2], 0.1),
    table("breast cancer, linear", load_breast_cancer, linear, [1e-4, 1e-2], 0.1),
    table("wine, linear", load_wine, linear, [1e-4, 1e-2], 0.1),
]
json.dump(tables, sys.stdout)
