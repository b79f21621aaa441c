/** What an older W&B's client asks of artifacts, which it calls otherwise than today's: own-runs.test.ts has more of the latter. */
import { expect, test } from 'vitest'
import { apiOf } from '../browser/sweeps.ts'
import { olderPins } from './clients.ts'
import { WithServer } from './with-server.ts'

const by = new WithServer(olderPins)

const trains = `
import os, pathlib, wandb
os.environ.update(WANDB_BASE_URL=os.environ["MLFLOW_TRACKING_URI"], WANDB_API_KEY=os.environ["TRACKIO_WRITE_TOKEN"])
pathlib.Path("weights.bin").write_text("first")
with wandb.init(project="p", id="trains") as run:
    run.log({"loss": 1.0})
    artifact = wandb.Artifact("actor", type="model", metadata={"step": 20})
    artifact.add_file("weights.bin")
    run.log_artifact(artifact)
with wandb.init(project="p", id="goes-on") as run:
    used = run.use_artifact("actor:latest")
    assert used.metadata == {"step": 20}, used.metadata
    assert (pathlib.Path(used.download("got")) / "weights.bin").read_text() == "first"
`

const goesOn = `
import pathlib, wandb
with wandb.init(project="p") as run:
    folder = pathlib.Path(run.use_artifact("actor:v0").download("got-by-sweep"))
    assert (folder / "weights.bin").read_text() == "first"
`

test(`a model is used with its files, by a run of its own and under a sweep, and the lineage says so: ${olderPins[0]}`, async () => {
  await by.run('trains', trains)
  const ofSweep = await by.train('goes on', goesOn)
  const { runs } = await apiOf(by.server).lineage.tree.query({})
  const started = by.ownRun('trains').id
  expect(runs.filter(({ parentId }) => parentId === started).map(({ id }) => id)).toEqual([
    by.ownRun('goes-on').id,
    ofSweep,
  ])
}, 180_000)
