'use client'
import { ArgumentBoxes } from './argument-boxes.tsx'
import type { ExecutorForm } from './executor-form.ts'
import { FieldIssues, fieldId, TextField, useForm } from './form-context.tsx'
import styles from './new-sweep.module.css'

/** Where the sweep's jobs run: this machine, or a cluster with what its scheduler is asked for. */
export function ExecutorFields() {
  const { form, change } = useForm()
  const away = form.executor.on === 'slurm' || form.evaluate.executor.on !== ''
  return (
    <>
      <Place
        field="executor"
        label="Runs on"
        value={form.executor}
        unsaid={null}
        onChange={(executor) => change((current) => ({ ...current, executor }))}
      />
      {away && (
        <Place
          field="evaluate/executor"
          label="Evaluations run on"
          value={form.evaluate.executor}
          unsaid={form.executor.on === 'slurm' ? 'Slurm, as the trainings' : 'this machine, as the trainings'}
          onChange={(executor) => change((current) => ({ ...current, evaluate: { ...current.evaluate, executor } }))}
        />
      )}
    </>
  )
}

type PlaceProps = {
  field: string
  label: string
  value: ExecutorForm
  /** What holds where nothing is chosen; null: this machine. */
  unsaid: string | null
  onChange: (value: ExecutorForm) => void
}

function Place({ field, label, value, unsaid, onChange }: PlaceProps) {
  const set = (changes: Partial<ExecutorForm>) => onChange({ ...value, ...changes })
  return (
    <div className={styles.spaced}>
      <div className={styles.row}>
        <label className="field" id={fieldId(field)}>
          <span>{label}</span>
          <select
            aria-label={label}
            value={value.on}
            onChange={(event) => set({ on: event.target.value as ExecutorForm['on'] })}
          >
            <option value="">{unsaid ?? 'this machine'}</option>
            {unsaid !== null && <option value="local">this machine</option>}
            {unsaid === null && value.on === 'local' && <option value="local">this machine, as the file says</option>}
            <option value="slurm">
              {unsaid === null ? 'a Slurm cluster' : 'a Slurm cluster, with settings of their own'}
            </option>
          </select>
        </label>
      </div>
      <FieldIssues field={field} />
      {value.on === 'slurm' && (
        <>
          <div className={styles.row}>
            <Field of={field} name="partition" label="Partition" placeholder="the site’s" set={set} value={value} />
            <Field of={field} name="time" label="Time limit" placeholder="e.g. 2:00:00" set={set} value={value} />
            <Field of={field} name="gpusPerNode" label="GPUs a node has" placeholder="e.g. 8" set={set} value={value} />
          </div>
          <div className={styles.row}>
            <Field of={field} name="account" label="Account" placeholder="your own" set={set} value={value} />
            <Field of={field} name="qos" label="QOS" placeholder="the site’s" set={set} value={value} />
          </div>
          <div className={styles.spaced}>
            <ArgumentBoxes
              field={`${field}/options`}
              label="More options of sbatch, one a box"
              values={value.options}
              onChange={(options) => set({ options })}
              known={[]}
              addWord="--mem=64G"
              itemWord="Option"
            />
          </div>
        </>
      )}
    </div>
  )
}

type FieldProps = {
  of: string
  name: 'partition' | 'time' | 'gpusPerNode' | 'account' | 'qos'
  label: string
  placeholder: string
  value: ExecutorForm
  set: (changes: Partial<ExecutorForm>) => void
}

function Field({ of, name, label, placeholder, value, set }: FieldProps) {
  return (
    <TextField
      field={`${of}/${name === 'gpusPerNode' ? 'gpus_per_node' : name}`}
      label={label}
      value={value[name]}
      placeholder={placeholder}
      mono
      onChange={(text) => set({ [name]: text })}
    />
  )
}
