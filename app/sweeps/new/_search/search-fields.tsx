'use client'
import { searchingMethods } from '../../../../domain/sweep/searching.ts'
import { FieldIssues, FormSection, TextField, useFieldAttributes, useForm } from '../form-context.tsx'
import { MethodCosts } from './method-costs.tsx'
import styles from '../new-sweep.module.css'
import type { SweepForm } from '../sweep-form.ts'

const words: Record<SweepForm['search'], string> = {
  grid: 'grid: every combination',
  random: 'random: any, none twice',
  tpe: 'tpe: like the best so far',
  'gaussian-process': 'gaussian-process: where most is expected',
}

/** How the axes are gone through. `trainingHours`: slot hours of a training, where earlier ones say it. */
export function SearchFields({ trainingHours }: { trainingHours: number | null }) {
  const { form, change } = useForm()
  const searches = form.search !== 'grid'
  return (
    <FormSection
      title="Search"
      note="A grid trains every combination. A search proposes one training after another, each knowing what came out so far."
    >
      <div className={styles.row}>
        <label className="field">
          <span>Method</span>
          <select
            {...useFieldAttributes('search')}
            value={form.search}
            onChange={(event) =>
              change((current) => ({ ...current, search: event.target.value as SweepForm['search'] }))
            }
          >
            {(['grid', ...searchingMethods] as const).map((method) => (
              <option key={method} value={method}>
                {words[method]}
              </option>
            ))}
          </select>
        </label>
        {searches && (
          <>
            <TextField
              field="search/trainings"
              label="Trainings in all"
              value={form.trainings}
              placeholder="20"
              numeric
              onChange={(trainings) => change((current) => ({ ...current, trainings }))}
            />
            <TextField
              field="search/seed"
              label="Seed"
              value={form.seed}
              placeholder="1"
              numeric
              onChange={(seed) => change((current) => ({ ...current, seed }))}
            />
          </>
        )}
      </div>
      <FieldIssues field="search" />
      <MethodCosts trainingHours={trainingHours} />
    </FormSection>
  )
}
