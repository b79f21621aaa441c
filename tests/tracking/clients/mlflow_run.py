"""A script as MLflow's users have it. Arguments: learning rate, steps, seconds a step, a file to say each logged step in."""
import sys, time
import mlflow

lr, steps, pause, said = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
mlflow.set_experiment("clients")
with mlflow.start_run(run_name="parent") as run, open(said, "a", buffering=1) as log:
    mlflow.log_params({"lr": lr, "batch_size": 128})
    for step in range(steps):
        mlflow.log_metrics({"loss": lr * 1e5 / (step + 1), "odd": 1.0}, step=step)
        log.write(f"{step} {time.time()}\n")
        time.sleep(pause)
    mlflow.log_metric("odd", float("nan"), step=steps)
    mlflow.set_tags({"stage": "sft"})
    mlflow.log_text("hello", "notes/a.txt")
    with mlflow.start_run(run_name="child", nested=True):
        mlflow.log_metric("accuracy", 0.41, step=steps)
found = mlflow.search_runs(search_all_experiments=True, filter_string="params.lr = '%s'" % lr, output_format="list")
history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
assert any(other.info.run_id == run.info.run_id for other in found), found
assert len(history) == steps, len(history)
assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a.txt") == "hello"
