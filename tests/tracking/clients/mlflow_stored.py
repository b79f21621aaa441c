"""Logs the same runs to whatever store MLFLOW_TRACKING_URI names, with times of its own. Argument: a folder to make a model in."""
import json, os, struct, sys
import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

home = sys.argv[1]
model = os.path.join(home, "model")
os.makedirs(model, exist_ok=True)
head = json.dumps({"w": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}).encode()
with open(os.path.join(model, "model.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(head)) + head)
with open(os.path.join(model, "config.json"), "w") as file:
    file.write("{}")

client = mlflow.MlflowClient()
mlflow.set_experiment("stored")
with mlflow.start_run(run_name="whole: a/b") as run:
    of = run.info.run_id
    mlflow.log_params({"lr": 1e-5, "text": "two\nlines", "yes": "no", "long": "x" * 300})
    mlflow.set_tags({"team": "blue", "mlflow.note.content": "# Why\n\nbecause"})
    # a metric again at a step, points out of order, several of one call
    for step, values in [(0, {"loss": 1.0, "train/acc": 0.1}), (2, {"loss": 0.25}), (1, {"loss": 0.5, "train/acc": 0.2}), (2, {"loss": 0.125})]:
        time = 1_800_000_000_000 + len(client.get_metric_history(of, "loss")) * 1000
        client.log_batch(of, metrics=[Metric(name, value, time, step) for name, value in values.items()])
    for step, value in enumerate([float("nan"), float("inf"), float("-inf"), 0.0, 1e-300, 12345678901234567]):
        mlflow.log_metric("odd", value, step=step)
    for value in (3, 4):
        mlflow.log_metric("without a step", value)
    set_of = Dataset(name="gsm8k", digest="0123", source_type="local", source="{}")
    client.log_inputs(of, [DatasetInput(set_of, [InputTag("mlflow.data.context", "training")])])
    mlflow.log_artifacts(model, "kept/checkpoint-9")
    mlflow.log_artifacts(model, "last")
    with mlflow.start_run(run_name="part", nested=True):
        mlflow.log_metric("accuracy", 0.41, step=7)
try:
    with mlflow.start_run(run_name="failed"):
        mlflow.log_metric("loss", 1.0, step=3)
        raise KeyError("on purpose")
except KeyError:
    pass
ended = client.create_run(run.info.experiment_id, run_name="killed")
client.log_batch(ended.info.run_id, params=[Param("lr", "2")], tags=[RunTag("stage", "sft")])
client.set_terminated(ended.info.run_id, "KILLED")
