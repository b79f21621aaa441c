'use client'
import { searchingMethods } from '../../../domain/sweep/searching.ts'
import { formatCount, plural } from '../../_words/format.ts'
import { readWholeNumber } from './field-values.ts'
import { FieldIssues, FormSection, TextField, useFieldAttributes, useForm } from './form-context.tsx'
import styles from './new-sweep.module.css'
import { cellsOfForm } from './plan-of-form.ts'
import type { SweepForm } from './sweep-form.ts'

const words: Record<SweepForm['search'], string> = {
  grid: 'grid: every combination',
  random: 'random: any, none twice',
  tpe: 'tpe: like the best so far',
  'gaussian-process': 'gaussian-process: where most is expected',
}

/** How the axes are gone through. */
export function SearchFields() {
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
      <Cost form={form} />
    </FormSection>
  )
}

/** Fewer combinations than this are hardly worth searching: measured by `npm run bench -- search` (docs/search.md). */
const fewCells = 40

/** What each method would cost here. */
function Cost({ form }: { form: SweepForm }) {
  const cells = cellsOfForm(form)
  if (cells === null) return null
  const trainings = readWholeNumber(form.trainings)
  if (form.search === 'grid')
    return cells !== Infinity && cells > fewCells ? (
      <p className={styles.hint}>
        {plural(cells, 'training')}. A search of these would start as many as you say; what methods find after how many
        is measured in docs/search.md.
      </p>
    ) : null
  if (cells === Infinity)
    return (
      <p className={styles.hint}>
        Values are chosen between the ends
        {trainings === null ? '' : `: ${plural(trainings, 'training')}`}; no grid holds them.
      </p>
    )
  const most = trainings === null ? null : Math.min(trainings, cells)
  return (
    <p className={styles.hint}>
      The grid has {plural(cells, 'combination')}
      {most === null ? '' : `; the search starts ${formatCount(most)} of them (${Math.round((100 * most) / cells)} %)`}.
      {cells < fewCells &&
        ` Below about ${fewCells} a grid whose poor trainings are stopped early is the better choice.`}
    </p>
  )
}
