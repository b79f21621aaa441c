'use client'
import { readConstraint } from '../../../../domain/sweep/constraints.ts'
import { type Objective, scoreName } from '../../../../domain/sweep/objective.ts'
import { ChoiceField, fieldId, FieldIssues, TextField, useForm } from '../form-context.tsx'
import { goalWords } from './goal-words.ts'
import styles from '../new-sweep.module.css'
import scoreStyles from './score.module.css'
import type { ObjectiveForm, SweepForm } from '../sweep-form.ts'
import { ValueChips } from '../_axes/value-chips.tsx'

const times: Record<Objective['at'], string> = {
  last: 'its last value',
  best: 'its best value',
  milestone: 'its value at the milestone',
}
const emptyObjective: ObjectiveForm = { metric: '', goal: '', at: 'last' }
const theScore: ObjectiveForm = { metric: scoreName, goal: 'maximize', at: 'last' }

const rankings = {
  score: 'benchmarks against a baseline',
  metric: 'a metric that the trainer logs',
  'score and metrics': 'the score and further metrics: a Pareto front',
  metrics: 'several metrics: a Pareto front',
  none: 'nothing: runs and curves only',
}
type Ranking = keyof typeof rankings

function rankingOf({ isScored, objective, objectives }: SweepForm): Ranking {
  if (objectives.length > 0) return isScored ? 'score and metrics' : 'metrics'
  return objective !== null ? 'metric' : isScored ? 'score' : 'none'
}

function rankedBy(form: SweepForm, ranking: Ranking): SweepForm {
  const further = form.objectives.filter(({ metric }) => metric !== scoreName)
  const metrics = further.length > 0 ? further : form.objective ? [form.objective] : []
  const objectives = {
    'score and metrics': [theScore, ...(metrics.length > 0 ? metrics : [emptyObjective])],
    metrics: metrics.length > 1 ? metrics : [...metrics, emptyObjective, emptyObjective].slice(0, 2),
  }
  return {
    ...form,
    isScored: ranking === 'score' || ranking === 'score and metrics',
    objective: ranking === 'metric' ? (form.objective ?? metrics[0] ?? emptyObjective) : null,
    objectives: ranking === 'score and metrics' || ranking === 'metrics' ? objectives[ranking] : [],
  }
}

/** What says which point is the best: the score, a logged metric, several at once, or nothing. */
export function RankedBy() {
  const { form, change } = useForm()
  const { objective, objectives, isScored } = form
  return (
    <>
      <div className={`${styles.row} ${scoreStyles.narrow}`}>
        <label className="field">
          <span>Points are ranked by</span>
          <select
            aria-label="Points are ranked by"
            value={rankingOf(form)}
            onChange={(event) => change((current) => rankedBy(current, event.target.value as Ranking))}
          >
            {Object.entries(rankings).map(([ranking, words]) => (
              <option key={ranking} value={ranking}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {objective && (
          <ObjectiveFields
            field="objective"
            objective={objective}
            set={(next) => change((current) => ({ ...current, objective: next }))}
          />
        )}
      </div>
      {objectives.map((one, at) =>
        isScored && one.metric === scoreName ? null : (
          <div key={at} className={`${styles.row} ${scoreStyles.narrow}`}>
            <ObjectiveFields
              field={`objectives/${at}`}
              objective={one}
              set={(next) => change((current) => ({ ...current, objectives: current.objectives.with(at, next) }))}
            />
            {objectives.length > 2 && (
              <button
                type="button"
                className="btn quiet sm"
                aria-label={`Remove objective ${at + 1}`}
                onClick={() =>
                  change((current) => ({
                    ...current,
                    objectives: current.objectives.filter((_, place) => place !== at),
                  }))
                }
              >
                Remove
              </button>
            )}
          </div>
        ),
      )}
      {objectives.length > 0 && (
        <>
          <div id={fieldId('objectives')}>
            <FieldIssues field="objectives" />
          </div>
          <p className="small ink3">
            No point is the best of several: those that no other one beats in all are the front. Heatmaps and the
            leaderboard go by {isScored ? 'the score' : 'the first'}.
          </p>
          <button
            type="button"
            className="btn sm"
            onClick={() => change((current) => ({ ...current, objectives: [...current.objectives, emptyObjective] }))}
          >
            Add an objective
          </button>
        </>
      )}
      {[objective, ...objectives].some((one) => one?.at === 'best') && (
        <p className="small ink3">The best of many steps is good by luck too: the last value is the fairer one.</p>
      )}
    </>
  )
}

type FieldsProps = { field: string; objective: ObjectiveForm; set: (objective: ObjectiveForm) => void }

function ObjectiveFields({ field, objective, set }: FieldsProps) {
  return (
    <>
      <TextField
        field={`${field}/metric`}
        label="Metric"
        value={objective.metric}
        placeholder="e.g. eval/loss"
        mono
        onChange={(metric) => set({ ...objective, metric })}
      />
      <ChoiceField
        field={`${field}/goal`}
        label="Better is"
        value={objective.goal}
        words={goalWords}
        onChange={(goal) => set({ ...objective, goal })}
      />
      <ChoiceField
        field={`${field}/at`}
        label="Counts"
        value={objective.at}
        words={times}
        onChange={(at) => set({ ...objective, at })}
      />
    </>
  )
}

/** What a point has to keep to be the best. */
export function Constraints() {
  const { form, change, issuesAt } = useForm()
  const wrong = new Set(issuesAt('constraints').flatMap(({ path }) => (typeof path[1] === 'number' ? [path[1]] : [])))
  if (rankingOf(form) === 'none' && form.constraints.length === 0) return null
  return (
    <div id={fieldId('constraints')} className={`field ${scoreStyles.limits}`}>
      <span>Constraints</span>
      <ValueChips
        label="constraints"
        values={form.constraints}
        placeholder="e.g. response_length < 2000"
        wrong={wrong}
        commaAdds={false}
        problemOf={(text) =>
          text === '' || readConstraint(text) !== null ? null : 'A metric or benchmark, <, <=, > or >=, and a number.'
        }
        onChange={(constraints) => change((current) => ({ ...current, constraints }))}
      />
      <FieldIssues field="constraints" />
      <p className={styles.hint}>
        On what the trainer logs and on benchmarks, as a share from 0 to 1. A point that breaks one is shown, and is not
        the best.
      </p>
    </div>
  )
}
