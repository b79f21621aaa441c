"""Logs the same runs to a server or into WANDB_DIR, whichever the environment names. Takes a folder, as the others do."""
import wandb

about = {"project": "stored", "group": "grouped", "job_type": "train", "tags": ["a", "b"], "notes": "why"}
run = wandb.init(name="first", config={"lr": 1e-5, "nested": {"a": [1, 2]}, "text": "two\nlines"}, **about)
run.define_metric("train/global_step")
run.define_metric("*", step_metric="train/global_step")
for step in range(5):
    run.log({"train/loss": 1 / (step + 1), "deep": {"er": step}, "train/global_step": step * 10})
run.log({"odd": float("nan"), "yes": True, "train/global_step": 50})
run.log({"odd": float("inf"), "text": "no number", "train/global_step": 60})
rows = [["1+1=", "2", 1.0], ["2+2=", "5", 0.0]]
run.log({"samples": wandb.Table(columns=["prompt", "completion", "reward"], data=rows), "train/global_step": 61})
run.alert("Spike", "loss is 9")
run.config.update({"later": 3})
run.summary["best"] = 0.5
run.finish()
run = wandb.init(project="stored", name="second/of them")
for step in range(3):
    run.log({"loss": 3 - step})
run.finish(exit_code=3)
