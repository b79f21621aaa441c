"""
Where this server and MLflow's own may differ, asked of one of them: `python mlflow_differences.py http://127.0.0.1:3000`.
Prints a line a question, with what came of it: run it against both, and compare. docs/tracking.md has the table.
"""
import sys, uuid
import requests

address = sys.argv[1]


def name():
    return "differs-" + uuid.uuid4().hex[:10]


def post(path, body=None, text=None, version="2.0"):
    data = {"data": text, "headers": {"content-type": "application/json"}} if text is not None else {"json": body}
    return requests.post(f"{address}/api/{version}/mlflow/{path}", timeout=60, **data)


def get(path, **query):
    return requests.get(f"{address}/api/2.0/mlflow/{path}", params=query, timeout=60)


experiment = post("experiments/create", {"name": name()}).json()["experiment_id"]


def run(**more):
    made = post("runs/create", {"experiment_id": experiment, "start_time": 1, **more})
    return made.json()["run"]["info"]["run_id"]


def outcome(answer):
    try:
        code = answer.json().get("error_code", "")
    except ValueError:
        code = ""
    return f"{answer.status_code} {code}".strip()


def metric(run_id, value, key="m", step=0, timestamp=1):
    return post("runs/log-metric", {"run_id": run_id, "key": key, "value": value, "timestamp": timestamp, "step": step})


def last(run_id, key="m"):
    history = get("metrics/get-history", run_id=run_id, metric_key=key).json().get("metrics", [])
    return history[-1]["value"] if history else None


def nan_as_text():
    one = run()
    return f"{outcome(metric(one, 'NaN'))}, read as {last(one)}"


def infinity_as_text():
    one = run()
    return f"{outcome(metric(one, 'Infinity'))}, read as {last(one)}"


def bare_nan():
    one = run()
    answer = post("runs/log-metric", text='{"run_id": "%s", "key": "m", "value": NaN, "timestamp": 1}' % one)
    return f"{outcome(answer)}, read as {last(one)}"


def bare_infinity():
    one = run()
    answer = post("runs/log-metric", text='{"run_id": "%s", "key": "m", "value": Infinity, "timestamp": 1}' % one)
    return f"{outcome(answer)}, read as {last(one)}"


def negative_step():
    one = run()
    return f"{outcome(metric(one, 1.0, step=-1))}, read as {last(one)}"


def step_beyond_53_bits():
    one = run()
    answer = post("runs/log-metric", {"run_id": one, "key": "m", "value": 1.0, "timestamp": 1, "step": str(2**60)})
    return f"{outcome(answer)}, read as {last(one)}"


def metric_name_with_a_colon():
    return outcome(metric(run(), 1.0, key="a:b"))


def metric_name_that_climbs():
    return outcome(metric(run(), 1.0, key="../m"))


def batch_with_one_name_twice():
    one = run()
    params = [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]
    return outcome(post("runs/log-batch", {"run_id": one, "params": params}))


def long_parameter():
    one = run()
    return outcome(post("runs/log-parameter", {"run_id": one, "key": "p", "value": "v" * 6001}))


def unknown_status():
    return outcome(post("runs/update", {"run_id": run(), "status": "ASLEEP"}))


def body_that_is_no_json():
    return outcome(post("runs/log-metric", text="{"))


def order_by_nonsense():
    return outcome(post("runs/search", {"experiment_ids": [experiment], "order_by": ["metrics"]}))


def filter_with_or():
    return outcome(post("runs/search", {"experiment_ids": [experiment], "filter": "metrics.m > 1 or metrics.m < 0"}))


def delete_of_the_default_experiment():
    return outcome(post("experiments/delete", {"experiment_id": "0"}))


def dataset_inputs():
    one = run()
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "x"}
    answer = post("runs/log-inputs", {"run_id": one, "datasets": [{"dataset": dataset}]})
    inputs = get("runs/get", run_id=one).json()["run"].get("inputs", {}).get("dataset_inputs", [])
    return f"{outcome(answer)}, {len(inputs)} read back"


def many_histories_at_once():
    one = run()
    metric(one, 1.0)
    return outcome(get("metrics/get-history-bulk-interval", run_ids=one, metric_key="m", max_results=10))


def logged_model():
    return outcome(post("logged-models", {"experiment_id": experiment, "name": "m"}))


def registered_model():
    return outcome(post("registered-models/create", {"name": name()}))


def trace():
    info = {"trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}}
    body = {"trace": {"trace_info": {"trace_id": "tr-" + uuid.uuid4().hex, "request_time": "2026-01-01T00:00:00Z", "state": "OK", **info}}}
    return outcome(post("traces", body, version="3.0"))


for question in (
    nan_as_text, infinity_as_text, bare_nan, bare_infinity, negative_step, step_beyond_53_bits,
    metric_name_with_a_colon, metric_name_that_climbs, batch_with_one_name_twice, long_parameter, unknown_status,
    body_that_is_no_json, order_by_nonsense, filter_with_or, delete_of_the_default_experiment, dataset_inputs,
    many_histories_at_once, logged_model, registered_model, trace,
):  # fmt: skip
    try:
        said = question()
    except Exception as error:  # whatever it is, the next is asked
        said = f"{type(error).__name__}: {str(error)[:200]}"
    print(f"{question.__name__.replace('_', ' ')}: {said}")
