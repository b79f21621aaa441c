"""A script as Trackio's users have it. Arguments: learning rate, steps, seconds a step, a file to say each logged step in."""
import sys, time
import trackio

lr, steps, pause, said = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
trackio.init(project="clients", name="run", config={"lr": lr})
with open(said, "a", buffering=1) as log:
    for step in range(steps):
        trackio.log({"loss": lr * 1e5 / (step + 1), "train/global_step": step * 10})
        log.write(f"{step} {time.time()}\n")
        time.sleep(pause)
trackio.log({"samples": trackio.Table(columns=["prompt", "completion", "reward"], data=[["1+1=", "2", 100.0]])})
trackio.finish()
