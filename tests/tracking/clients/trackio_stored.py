"""Logs the same runs to a server or into TRACKIO_DIR, whichever the environment names. Takes a folder, as the others do."""
import trackio

trackio.init(project="stored", name="first", group="grouped", config={"lr": 1e-5, "nested": {"a": [1, 2]}, "text": "two\nlines"})
for step in range(5):
    trackio.log({"loss": 1 / (step + 1), "train/global_step": step * 10, "deep": {"er": step}})
trackio.log({"odd": float("nan"), "yes": True})
trackio.log({"odd": float("inf")})
trackio.log({"late": 1.5}, step=40)
rows = [["1+1=", "2", 1.0], ["2+2=", "5", 0.0]]
trackio.log({"samples": trackio.Table(columns=["prompt", "completion", "reward"], data=rows)}, step=41)
trackio.alert("Spike", text="loss is 9", level=trackio.AlertLevel.WARN)
trackio.finish()
trackio.init(project="stored", name="second/of them", config={"lr": 2})
trackio.log({"loss": 3})
trackio.finish()
