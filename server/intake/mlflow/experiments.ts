/** The experiments of an attempt: what its client made, and asks again. */
import { Refusal, worded, type IntakeOutcome } from '../protocol.ts'
import { described, missing, okReply, tagsIn, textField, type Body } from './bodies.ts'
import type { Experiment, Store } from './store.ts'

export class Experiments {
  private readonly store: Store
  private readonly own: string

  /** `own`: the run that the attempt's client is given. */
  constructor(store: Store, own: string) {
    this.store = store
    this.own = own
  }

  /** The experiment that a call names. Throws a Refusal. */
  require(body: Body): Experiment {
    const experiment = this.store.experiments.get(worded(body.experiment_id))
    if (!experiment) throw missing(`No Experiment with id=${worded(body.experiment_id)} exists`)
    return experiment
  }

  get(body: Body): IntakeOutcome {
    return okReply({ experiment: described(this.require(body)) })
  }

  getByName(body: Body): IntakeOutcome {
    const name = textField(body, 'experiment_name')
    const experiment = this.store.experimentNamed(name)
    if (!experiment) throw missing(`Could not find experiment with name '${name}'`)
    this.moveOwn(experiment.experiment_id)
    return okReply({ experiment: described(experiment) })
  }

  list(): IntakeOutcome {
    return okReply({ experiments: [...this.store.experiments.values()].map(described) })
  }

  create(body: Body, now: number): IntakeOutcome {
    const name = textField(body, 'name')
    if (name === '') throw new Refusal(400, "Missing value for required parameter 'name'.")
    if (this.store.experimentNamed(name))
      throw new Refusal(400, `Experiment '${name}' already exists.`, 'RESOURCE_ALREADY_EXISTS')
    const made = this.store.addExperiment(name, Object.fromEntries(tagsIn(body)), now)
    this.moveOwn(made.experiment_id)
    return okReply({ experiment_id: made.experiment_id })
  }

  change(body: Body, change: (experiment: Experiment) => void): IntakeOutcome {
    change(this.require(body))
    return okReply({})
  }

  /** A script sets its experiment before it goes on with the run that it was given: the client insists that they fit. */
  private moveOwn(experimentId: string): void {
    if (this.store.ownBegan) return
    const { info } = this.store.runs.get(this.own)!
    info.experiment_id = experimentId
    info.artifact_uri = `mlflow-artifacts:/${experimentId}/${info.run_id}/artifacts`
  }
}
