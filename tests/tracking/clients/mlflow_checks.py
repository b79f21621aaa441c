"""
What MLflow's users rely on, asked of a tracking server through MLflow's own client: `python mlflow_checks.py http://127.0.0.1:3000`.
Prints a line a check. Each holds of `mlflow server` as well: start one and give its address to see it.
"""
import os, sys, tempfile, uuid
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException, RestException

address = sys.argv[1]
client = MlflowClient(tracking_uri=address)
checks = []


def check(function):
    checks.append(function)
    return function


def name():
    return "check-" + uuid.uuid4().hex[:10]


def new_run(experiment=None, **more):
    return client.create_run(experiment or client.create_experiment(name()), **more)


def refused(call, *arguments, code=None, holds="", **named):
    try:
        call(*arguments, **named)
    except (MlflowException, RestException) as error:
        assert code is None or error.error_code == code, f"{error.error_code}: {error}"
        assert holds in str(error), str(error)
        return error
    raise AssertionError("it was taken")


def post(path, body):
    return requests.post(f"{address}/api/2.0/mlflow/{path}", json=body, timeout=30)


def found(experiment, text="", **more):
    return [run.info.run_name for run in client.search_runs([experiment], text, **more)]


@check
def default_experiment_is_0():
    assert client.get_experiment("0").name == "Default"


@check
def experiment_is_made_and_found():
    own = name()
    made = client.create_experiment(own, tags={"team": "math"})
    experiment = client.get_experiment(made)
    assert (experiment.name, experiment.lifecycle_stage, experiment.tags["team"]) == (own, "active", "math")
    assert client.get_experiment_by_name(own).experiment_id == made


@check
def experiment_of_no_name_is_none():
    assert client.get_experiment_by_name(name()) is None


@check
def experiment_twice_is_refused():
    own = name()
    client.create_experiment(own)
    refused(client.create_experiment, own, code="RESOURCE_ALREADY_EXISTS")


@check
def experiment_that_is_not_there():
    refused(client.get_experiment, "99999999", code="RESOURCE_DOES_NOT_EXIST")


@check
def experiment_without_a_name_is_refused():
    answer = post("experiments/create", {"name": ""})
    assert answer.status_code == 400 and answer.json()["error_code"] == "INVALID_PARAMETER_VALUE", answer.text


@check
def experiment_is_renamed():
    made, other = client.create_experiment(name()), name()
    client.rename_experiment(made, other)
    assert client.get_experiment(made).name == other


@check
def experiment_is_deleted_and_restored():
    made = client.create_experiment(name())
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    assert made not in [each.experiment_id for each in client.search_experiments()]
    assert made in [each.experiment_id for each in client.search_experiments(view_type=ViewType.DELETED_ONLY)]
    client.restore_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "active"


@check
def deleted_experiment_takes_no_run():
    made = client.create_experiment(name())
    client.delete_experiment(made)
    refused(client.create_run, made, code="INVALID_PARAMETER_VALUE")


@check
def experiment_tag_is_set_and_goes_over():
    made = client.create_experiment(name())
    client.set_experiment_tag(made, "stage", "one")
    client.set_experiment_tag(made, "stage", "two")
    assert client.get_experiment(made).tags["stage"] == "two"


@check
def experiments_are_searched_by_name_and_tag():
    own = name()
    made = client.create_experiment(own, tags={"only": own})
    for text in (f"name = '{own}'", f"name LIKE '{own[:-2]}%'", f"tags.only = '{own}'", f"name ILIKE '{own.upper()}'"):
        assert [each.experiment_id for each in client.search_experiments(filter_string=text)] == [made], text


@check
def experiments_come_in_pages():
    own = name()
    made = [client.create_experiment(f"{own}-{at}") for at in range(3)]
    text = f"name LIKE '{own}-%'"
    first = client.search_experiments(filter_string=text, max_results=2, order_by=["name ASC"])
    rest = client.search_experiments(filter_string=text, max_results=2, order_by=["name ASC"], page_token=first.token)
    assert [each.experiment_id for each in [*first, *rest]] == made and not rest.token


@check
def run_has_what_it_was_made_with():
    run = new_run(run_name="first", start_time=123456, tags={"a": "b"})
    seen = client.get_run(run.info.run_id)
    assert (seen.info.run_name, seen.info.start_time, seen.info.status) == ("first", 123456, "RUNNING")
    assert seen.data.tags["a"] == "b" and seen.data.tags["mlflow.runName"] == "first"


@check
def run_that_is_not_there():
    refused(client.get_run, uuid.uuid4().hex, code="RESOURCE_DOES_NOT_EXIST")


@check
def run_of_no_experiment_is_refused():
    refused(client.create_run, "99999999", code="RESOURCE_DOES_NOT_EXIST")


@check
def run_is_ended_and_begun_again():
    run_id = new_run().info.run_id
    client.set_terminated(run_id, "FAILED", end_time=999999)
    info = client.get_run(run_id).info
    assert (info.status, info.end_time) == ("FAILED", 999999)
    client.update_run(run_id, status="RUNNING")
    assert client.get_run(run_id).info.status == "RUNNING"


@check
def run_is_renamed():
    run_id = new_run(run_name="before").info.run_id
    client.update_run(run_id, name="after")
    run = client.get_run(run_id)
    assert run.info.run_name == run.data.tags["mlflow.runName"] == "after"


@check
def run_is_deleted_and_restored():
    run = new_run(run_name="one")
    experiment, run_id = run.info.experiment_id, run.info.run_id
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert found(experiment) == [] and found(experiment, run_view_type=ViewType.DELETED_ONLY) == ["one"]
    assert found(experiment, run_view_type=ViewType.ALL) == ["one"]
    client.restore_run(run_id)
    assert found(experiment) == ["one"]


@check
def deleted_run_takes_no_metric():
    run_id = new_run().info.run_id
    client.delete_run(run_id)
    refused(client.log_metric, run_id, "loss", 1.0)


@check
def metrics_have_their_history():
    run_id = new_run().info.run_id
    for step, value in enumerate([3.0, 2.0, 1.5]):
        client.log_metric(run_id, "loss", value, timestamp=1000 + step, step=step)
    history = client.get_metric_history(run_id, "loss")
    assert [(each.step, each.value, each.timestamp) for each in history] == [(0, 3, 1000), (1, 2, 1001), (2, 1.5, 1002)]


@check
def last_metric_is_that_of_the_highest_step():
    run_id = new_run().info.run_id
    for step, timestamp, value in [(5, 10, 1.0), (3, 20, 2.0), (5, 5, 3.0), (5, 10, 0.5)]:
        client.log_metric(run_id, "loss", value, timestamp=timestamp, step=step)
    assert client.get_run(run_id).data.metrics["loss"] == 1.0


@check
def same_point_twice_is_one():
    run_id = new_run().info.run_id
    for _ in range(3):
        client.log_metric(run_id, "loss", 1.0, timestamp=7, step=7)
    assert len(client.get_metric_history(run_id, "loss")) == 1


@check
def metric_that_was_not_logged_has_no_history():
    assert client.get_metric_history(new_run().info.run_id, "none") == []


@check
def metric_without_a_step_is_at_0():
    run_id = new_run().info.run_id
    assert post("runs/log-metric", {"run_id": run_id, "key": "loss", "value": 1, "timestamp": 5}).status_code == 200
    assert client.get_metric_history(run_id, "loss")[0].step == 0


@check
def metric_name_with_slashes_and_spaces():
    run_id = new_run().info.run_id
    client.log_metric(run_id, "eval/GSM8k acc.5-shot_x", 0.5)
    assert client.get_run(run_id).data.metrics == {"eval/GSM8k acc.5-shot_x": 0.5}


@check
def metric_that_is_no_number_is_refused():
    run_id = new_run().info.run_id
    answer = post("runs/log-metric", {"run_id": run_id, "key": "loss", "value": "much", "timestamp": 1, "step": 0})
    assert answer.status_code == 400, answer.text


@check
def metric_key_that_is_too_long_is_refused():
    refused(client.log_metric, new_run().info.run_id, "k" * 251, 1.0, code="INVALID_PARAMETER_VALUE")


@check
def parameters_are_kept_and_may_be_said_again():
    run_id = new_run().info.run_id
    client.log_param(run_id, "lr", 1e-5)
    client.log_param(run_id, "lr", 1e-5)
    assert client.get_run(run_id).data.params == {"lr": "1e-05"}


@check
def parameter_that_changes_is_refused():
    run_id = new_run().info.run_id
    client.log_param(run_id, "lr", 1)
    refused(client.log_param, run_id, "lr", 2, code="INVALID_PARAMETER_VALUE", holds="Changing param values is not allowed")
    assert client.get_run(run_id).data.params == {"lr": "1"}


@check
def parameters_and_tags_that_are_too_long_are_cut():
    run_id = new_run().info.run_id
    client.log_param(run_id, "p", "v" * 6001)
    client.log_param(run_id, "p", "v" * 6001)
    client.log_batch(run_id, tags=[RunTag("t", "v" * 9000)])
    data = client.get_run(run_id).data
    assert (len(data.params["p"]), len(data.tags["t"])) == (6000, 8000)


@check
def tags_go_over_and_are_deleted():
    run_id = new_run().info.run_id
    client.set_tag(run_id, "stage", "sft")
    client.set_tag(run_id, "stage", "grpo")
    assert client.get_run(run_id).data.tags["stage"] == "grpo"
    client.delete_tag(run_id, "stage")
    assert "stage" not in client.get_run(run_id).data.tags


@check
def tag_that_is_not_there_cannot_be_deleted():
    refused(client.delete_tag, new_run().info.run_id, "none", code="RESOURCE_DOES_NOT_EXIST")


@check
def batch_is_kept():
    run_id = new_run().info.run_id
    metrics = [Metric("loss", 1 / (at + 1), 1000 + at, at) for at in range(100)]
    client.log_batch(run_id, metrics, [Param("a", "1"), Param("b", "2")], [RunTag("c", "3")])
    data = client.get_run(run_id).data
    assert data.metrics["loss"] == 0.01 and data.params == {"a": "1", "b": "2"} and data.tags["c"] == "3"
    assert len(client.get_metric_history(run_id, "loss")) == 100


@check
def batch_that_is_too_large_is_refused():
    metrics = [{"key": "loss", "value": 1, "timestamp": 1, "step": at} for at in range(1001)]
    answer = post("runs/log-batch", {"run_id": new_run().info.run_id, "metrics": metrics})
    assert answer.status_code == 400 and answer.json()["error_code"] == "INVALID_PARAMETER_VALUE", answer.text


@check
def batch_with_a_changed_parameter_keeps_nothing():
    run_id = new_run().info.run_id
    client.log_param(run_id, "lr", 1)
    refused(client.log_batch, run_id, params=[Param("new", "1"), Param("lr", "2")])
    assert client.get_run(run_id).data.params == {"lr": "1"}


def some_runs():
    experiment = client.create_experiment(name())
    for at, (lr, loss, stage) in enumerate([("0.1", 3.0, "sft"), ("0.2", 2.0, "sft"), ("0.4", 1.0, "grpo")]):
        run_id = client.create_run(experiment, start_time=1000 + at, run_name=f"run{at}").info.run_id
        client.log_param(run_id, "lr", lr)
        client.log_metric(run_id, "eval/loss", loss)
        client.set_tag(run_id, "stage", stage)
        if at == 2:
            client.set_terminated(run_id, "FINISHED")
    return experiment


@check
def search_gives_the_newest_first():
    assert found(some_runs()) == ["run2", "run1", "run0"]


@check
def search_compares_metrics_parameters_and_tags():
    experiment = some_runs()
    for text, expected in [
        ("metrics.`eval/loss` < 2.5", ["run2", "run1"]),
        ('metrics."eval/loss" >= 2', ["run1", "run0"]),
        ("params.lr = '0.2'", ["run1"]),
        ("params.lr != '0.2'", ["run2", "run0"]),
        ("tags.stage LIKE 's%'", ["run1", "run0"]),
        ("tags.stage ILIKE 'GR%'", ["run2"]),
        ("tags.stage = 'sft' and metrics.`eval/loss` > 2", ["run0"]),
        ("attributes.status = 'FINISHED'", ["run2"]),
        ("attributes.run_name = 'run1'", ["run1"]),
        ("start_time > 1000", ["run2", "run1"]),
        ("params.none = 'x'", []),
    ]:
        assert found(experiment, text) == expected, (text, found(experiment, text))


@check
def search_orders():
    experiment = some_runs()
    for order, expected in [
        (["metrics.`eval/loss` ASC"], ["run2", "run1", "run0"]),
        (["metrics.`eval/loss` DESC"], ["run0", "run1", "run2"]),
        (["params.lr"], ["run0", "run1", "run2"]),
        (["tags.stage DESC", "attributes.start_time ASC"], ["run0", "run1", "run2"]),
        (["attributes.run_name DESC"], ["run2", "run1", "run0"]),
    ]:
        assert found(experiment, order_by=order) == expected, (order, found(experiment, order_by=order))


@check
def search_comes_in_pages():
    experiment = some_runs()
    first = client.search_runs([experiment], max_results=2)
    rest = client.search_runs([experiment], max_results=2, page_token=first.token)
    assert [run.info.run_name for run in [*first, *rest]] == ["run2", "run1", "run0"] and not rest.token


@check
def search_of_nonsense_is_refused():
    refused(client.search_runs, [some_runs()], "metrics.loss <> 'x' or", code="INVALID_PARAMETER_VALUE")


@check
def search_goes_over_experiments():
    one, two = some_runs(), some_runs()
    assert len(client.search_runs([one, two])) == 6 and len(client.search_runs([one])) == 3


@check
def artifacts_are_kept_listed_and_loaded():
    run_id = new_run().info.run_id
    client.log_text(run_id, "hello", "notes/a.txt")
    client.log_dict(run_id, {"a": 1}, "b.json")
    assert sorted((each.path, each.is_dir) for each in client.list_artifacts(run_id)) == [("b.json", False), ("notes", True)]
    assert [(each.path, each.file_size) for each in client.list_artifacts(run_id, "notes")] == [("notes/a.txt", 5)]
    with tempfile.TemporaryDirectory() as folder:
        with open(client.download_artifacts(run_id, "notes/a.txt", folder)) as file:
            assert file.read() == "hello"


@check
def artifacts_of_a_folder():
    run_id = new_run().info.run_id
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "deep/er"))
        with open(os.path.join(folder, "deep/er/ä b.bin"), "wb") as file:
            file.write(bytes(range(256)) * 1000)
        client.log_artifacts(run_id, folder, "model")
    with tempfile.TemporaryDirectory() as folder:
        with open(client.download_artifacts(run_id, "model/deep/er/ä b.bin", folder), "rb") as file:
            assert file.read() == bytes(range(256)) * 1000


@check
def nested_run_is_found_by_its_parent():
    parent = new_run()
    experiment, run_id = parent.info.experiment_id, parent.info.run_id
    client.create_run(experiment, run_name="child", tags={"mlflow.parentRunId": run_id})
    assert found(experiment, f"tags.mlflow.parentRunId = '{run_id}'") == ["child"]


failed = 0
for function in checks:
    try:
        function()
        print(f"ok      {function.__name__}")
    except Exception as error:  # whatever it is, the next check is made
        failed += 1
        print(f"FAILED  {function.__name__}: {type(error).__name__}: {str(error)[:300]}")
print(f"{len(checks) - failed} of {len(checks)} checks hold")
sys.exit(1 if failed else 0)
