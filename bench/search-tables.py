"""search-tables.py FOLDER: tables of real trainings for `npm run bench -- search`, computed on the spot with scikit-learn on the data
that it ships. Each is a grid: axes, and for every cell, the first axis slowest, its score on held-out data and, where it was trained by
epochs or trees, the score after each. Prints one JSON object."""
import itertools
import json
import sys
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

warnings.filterwarnings("ignore")


def split(load, share=0.5):
    x, y = load(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=share, random_state=0)
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_test), y_train, y_test


def epochs(model, data, count):
    x_train, x_test, y_train, y_test = data
    curve = []
    for _ in range(count):
        model.partial_fit(x_train, y_train, classes=np.unique(y_train))
        curve.append(model.score(x_test, y_test))
    return curve


def mlp(data, count):
    def curve(learning_rate, batch, hidden=32, alpha="1e-4"):
        model = MLPClassifier(
            (int(hidden),), solver="sgd", learning_rate_init=float(learning_rate), batch_size=int(batch), alpha=float(alpha),
            random_state=1,
        )
        return epochs(model, data, count)

    return curve


digits, cancer, diabetes = split(load_digits), split(load_breast_cancer), split(load_diabetes)
few_digits = split(load_digits, 0.85)


def svc(data):
    def curve(C, gamma, kernel="rbf"):
        model = SVC(C=float(C), gamma=float(gamma), kernel=kernel, degree=3).fit(data[0], data[2])
        return [model.score(data[1], data[3])]

    return curve


def boosting(learning_rate, depth, subsample):
    model = GradientBoostingRegressor(
        n_estimators=60, learning_rate=float(learning_rate), max_depth=int(depth), subsample=float(subsample), random_state=1
    ).fit(diabetes[0], diabetes[2])
    rest = ((diabetes[3] - diabetes[3].mean()) ** 2).sum()
    return [1 - ((diabetes[3] - guess) ** 2).sum() / rest for guess in model.staged_predict(diabetes[1])]


def linear(eta, alpha, loss):
    model = SGDClassifier(loss=loss, learning_rate="constant", eta0=float(eta), alpha=float(alpha), random_state=1)
    return epochs(model, few_digits, 12)


def forest(features, leaf, depth):
    model = RandomForestClassifier(
        20, max_features=float(features), min_samples_leaf=int(leaf), max_depth=int(depth), random_state=1
    ).fit(few_digits[0], few_digits[2])
    return [model.score(few_digits[1], few_digits[3])]


def powers(low, high, count):
    return [f"{10 ** exponent:.3g}" for exponent in np.linspace(low, high, count)]


tables = [
    ("network on digits, 3 × 3", {"learning_rate": ["1e-3", "1e-2", "1e-1"], "batch": ["16", "64", "256"]}, mlp(digits, 6)),
    (
        "network on digits, 6 × 4 × 3",
        {"learning_rate": powers(-3.5, 0, 6), "batch": ["16", "32", "64", "128"], "hidden": ["8", "24", "64"]},
        mlp(few_digits, 9),
    ),
    ("support vectors on digits, 12 × 12", {"C": powers(-2, 3, 12), "gamma": powers(-5, 0, 12)}, svc(few_digits)),
    (
        "boosted trees on diabetes, 9 × 5 × 4",
        {"learning_rate": powers(-2.5, 0, 9), "depth": ["1", "2", "3", "4", "6"], "subsample": ["0.3", "0.5", "0.75", "1"]},
        boosting,
    ),
    (
        "linear on digits, 10 × 6 × 3",
        {"eta": powers(-4, 1, 10), "alpha": powers(-6, -1, 6), "loss": ["hinge", "log_loss", "modified_huber"]},
        linear,
    ),
    (
        "forest on digits, 6 × 5 × 6",
        {"features": ["0.03", "0.06", "0.12", "0.25", "0.5", "1"], "leaf": ["1", "2", "4", "8", "16"], "depth": ["2", "4", "6", "8", "12", "20"]},
        forest,
    ),
    (
        "support vectors on cancer, 2 × 20 × 10",
        {"kernel": ["rbf", "poly"], "C": powers(-3, 4, 20), "gamma": powers(-5, 1, 10)},
        lambda kernel, C, gamma: svc(cancer)(C, gamma, kernel),
    ),
]

made = []
for name, axes, train in tables:
    cells = [train(**dict(zip(axes, values))) for values in itertools.product(*axes.values())]
    made.append({"name": name, "axes": axes, "curves": cells})
    print(f"{name}: {len(cells)} trainings", file=sys.stderr)
json.dump({"tables": made}, sys.stdout)
