/** MLflow's real client under a sweep finds runs and models that runs of their own logged, and its run starts from what it uses first. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { flavour } from './mlflow-flavour.ts'
import { WithServer } from './with-server.ts'

const person = new WithServer()

const makes = `${flavour}
# so that experiments have other numbers than in an attempt
for name in ("a", "b"):
    mlflow.create_experiment(name)
mlflow.set_experiment("q")
with mlflow.start_run(run_name="makes") as run:
    mlflow.log_metric("loss", 0.25, step=60)
    mlflow.log_param("lr", 0.1)
    first = Model.log(artifact_path=None, name="actor", flavor=folder, step=50, params={"a": "1"})
    second = Model.log(artifact_path=None, name="actor", flavor=folder, text="second", step=60)
    pathlib.Path("notes.txt").write_text("hello")
    mlflow.log_artifact("notes.txt", "more")
pathlib.Path("ids.json").write_text(json.dumps([run.info.run_id, first.model_id, second.model_id]))
`

const uses = `${flavour}
run_id, first, second = json.loads(pathlib.Path("ids.json").read_text())
def text(uri):
    return (pathlib.Path(mlflow.artifacts.download_artifacts(uri)) / "artifacts/checkpoint-40/tokenizer.json").read_text()

there = mlflow.get_run(run_id)
assert there.data.metrics == {"loss": 0.25} and there.data.params == {"lr": "0.1"}, there
experiment = mlflow.get_experiment(there.info.experiment_id)
assert experiment.name == "q", experiment
assert mlflow.get_experiment_by_name("q").experiment_id == experiment.experiment_id
assert mlflow.get_experiment_by_name("nobody's") is None
points = mlflow.MlflowClient().get_metric_history(run_id, "loss")
assert [(each.step, each.value) for each in points] == [(60, 0.25)], points

mlflow.set_experiment("p")
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 1.0, step=5)
    own = Model.log(artifact_path=None, name="mine", flavor=folder, text="mine", step=5)
    assert text(f"models:/{second}") == "second"
    assert text(f"models:/{first}") == "first"
    assert text(f"runs:/{run_id}/actor") in ("first", "second")
    assert text(f"models:/{own.model_id}") == text(f"runs:/{run.info.run_id}/mine") == "mine"
    got = pathlib.Path(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/more/notes.txt"))
    assert got.read_text() == "hello"
    listed = mlflow.artifacts.list_artifacts(run_id=run_id)
    assert "more" in [each.path for each in listed], listed

    both = [experiment.experiment_id, run.info.experiment_id]
    search = lambda **more: mlflow.search_logged_models(output_format="list", **more)
    names = [each.name for each in search(experiment_ids=both, order_by=[{"field_name": "creation_timestamp", "ascending": False}])]
    assert names == ["mine", "actor", "actor"], names
    found = search(experiment_ids=both, filter_string="name = 'actor' AND params.a = '1'")
    assert [(each.model_id, each.experiment_id) for each in found] == [(first, experiment.experiment_id)], found
    assert [each.name for each in search(experiment_ids=both, max_results=2)] == ["mine", "actor"]

    assert mlflow.get_logged_model(second).source_run_id == run_id
    mlflow.log_input(model=mlflow.entities.LoggedModelInput(second))
    mlflow.log_input(model=mlflow.entities.LoggedModelInput(first))
    for ask in (lambda: mlflow.get_logged_model("m-" + "0" * 33), lambda: mlflow.get_run("0" * 32)):
        try:
            ask()
        except mlflow.exceptions.MlflowException as error:
            assert error.error_code == "RESOURCE_DOES_NOT_EXIST" and "not found" in str(error), error
        else:
            raise SystemExit("what nobody logged was there")
`

test('a script under a sweep finds runs and models of runs of their own, and goes on from the first that it uses', async () => {
  await person.run('makes', makes)
  const [, first, second] = JSON.parse(readFileSync(path.join(person.home, 'ids.json'), 'utf8')) as string[]
  const trained = await person.train('uses', uses)
  expect(await person.artifactsOf(trained)).toEqual([
    ['used', second, 'model'],
    ['used', first, 'model'],
  ])
  const made = await person.shown(person.ownRun('makes').id)
  expect(made.checkpoints.map(({ step, startedRuns }) => [step, startedRuns.map(({ id }) => id)])).toEqual([
    [50, []],
    [60, [trained]],
  ])
  const own = await person.shown(trained)
  expect(own.checkpoints.map(({ step }) => step)).toEqual([5])

  // a sweep that starts from a checkpoint says itself where its runs start
  const init = made.checkpoints[0]!.path!
  const other = await person.train('uses-with-init', uses, { name: 'from', init })
  const after = await person.shown(person.ownRun('makes').id)
  expect(after.checkpoints.map(({ startedRuns }) => startedRuns.map(({ id }) => id))).toEqual([[other], [trained]])
}, 180_000)
