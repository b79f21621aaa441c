"""A script as W&B's users have it. Arguments: learning rate, steps, seconds a step, a file to say each logged step in."""
import math, os, sys, tempfile, time
import wandb

lr, steps, pause, said = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
run = wandb.init(project="clients", group="g1", tags=["sft"], config={"lr": lr, "optimizer": {"name": "adamw"}})
run.define_metric("global_step")
run.define_metric("actor/*", step_metric="global_step")
with open(said, "a", buffering=1) as log:
    for step in range(steps):
        run.log({"loss": lr * 1e5 / (step + 1), "odd": math.nan if step == 7 else 1.0})
        run.log({"actor/reward": step / 2, "global_step": step * 10})
        log.write(f"{step} {time.time()}\n")
        time.sleep(pause)
run.log({"samples": wandb.Table(columns=["prompt", "completion", "reward"], data=[["1+1=", "2", 100.0], ["2+3=", "6", 0.0]])})
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "config.json"), "w") as file:
        file.write("{}")
    artifact = wandb.Artifact("model", type="model", metadata={"step": steps})
    artifact.add_dir(folder)
    run.log_artifact(artifact)
run.alert(title="done", text="finished")
run.summary["best"] = lr
run.finish()
