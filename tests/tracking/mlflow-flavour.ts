/** What every flavour of MLflow's does, for a model that is a folder of Hugging Face's. */
export const flavour = `
import json, pathlib, sys, types
import mlflow
from mlflow.models import Model

def write(folder, text="first"):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text(text)
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    return folder

def save_model(path, mlflow_model=None, text="first", below="artifacts/checkpoint-40", **more):
    write(pathlib.Path(path) / below, text)
    mlflow_model.add_flavor("folder", below=below)
    mlflow_model.save(pathlib.Path(path) / "MLmodel")

# what reads examples of inputs needs pandas, which skinny leaves out
Model.get_serving_input = lambda *_: None
sys.modules["mlflow.models.display_utils"] = types.SimpleNamespace(maybe_render_agent_eval_recipe=lambda *_: None)
folder = types.ModuleType("folder")
folder.save_model = save_model
mlflow.set_experiment("p")
`
