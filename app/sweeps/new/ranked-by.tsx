'use client'
import type { Objective } from '../../../domain/sweep/objective.ts'
import { ChoiceField, TextField, useForm } from './form-context.tsx'
import { goalWords } from './goal-words.ts'
import styles from './new-sweep.module.css'
import type { ObjectiveForm } from './sweep-form.ts'

const times: Record<Objective['at'], string> = {
  last: 'its last value',
  best: 'its best value',
  milestone: 'its value at the milestone',
}
const emptyObjective: ObjectiveForm = { metric: '', goal: '', at: 'last' }

/** What says which point is the best: the score, a logged metric, or nothing. */
export function RankedBy() {
  const { form, change } = useForm()
  const { objective } = form
  const set = (changes: Partial<ObjectiveForm>) =>
    change((current) => ({ ...current, objective: { ...(current.objective ?? emptyObjective), ...changes } }))
  const choose = (kind: string) =>
    change((current) => ({
      ...current,
      isScored: kind === 'score',
      objective: kind === 'metric' ? (current.objective ?? emptyObjective) : null,
    }))
  return (
    <>
      <div className={`${styles.row} ${styles.narrow}`}>
        <label className="field">
          <span>Points are ranked by</span>
          <select
            aria-label="Points are ranked by"
            value={objective === null ? (form.isScored ? 'score' : 'none') : 'metric'}
            onChange={(event) => choose(event.target.value)}
          >
            <option value="score">benchmarks against a baseline</option>
            <option value="metric">a metric that the trainer logs</option>
            <option value="none">nothing: runs and curves only</option>
          </select>
        </label>
        {objective && (
          <>
            <TextField
              field="objective/metric"
              label="Metric"
              value={objective.metric}
              placeholder="e.g. eval/loss"
              mono
              onChange={(metric) => set({ metric })}
            />
            <ChoiceField
              field="objective/goal"
              label="Better is"
              value={objective.goal}
              words={goalWords}
              onChange={(goal) => set({ goal })}
            />
            <ChoiceField
              field="objective/at"
              label="Counts"
              value={objective.at}
              words={times}
              onChange={(at) => set({ at })}
            />
          </>
        )}
      </div>
      {objective?.at === 'best' && (
        <p className="small ink3">The best of many steps is good by luck too: the last value is the fairer one.</p>
      )}
    </>
  )
}
