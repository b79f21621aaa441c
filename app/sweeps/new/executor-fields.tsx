'use client'
import { ArgumentBoxes } from './argument-boxes.tsx'
import { isAway, type ExecutorForm } from './executor-form.ts'
import { FieldIssues, fieldId, TextField, useForm } from './form-context.tsx'
import styles from './new-sweep.module.css'

/** Where the sweep's jobs run: this machine, or a cluster with what its scheduler is asked for. */
export function ExecutorFields() {
  const { form, change } = useForm()
  const away = isAway(form.executor) || form.evaluate.executor.on !== ''
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
          unsaid={
            isAway(form.executor)
              ? `${form.executor.on === 'ray' ? 'Ray' : 'Slurm'}, as the trainings`
              : 'this machine, as the trainings'
          }
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
            <option value="ray">
              {unsaid === null ? 'a Ray cluster' : 'a Ray cluster, with settings of their own'}
            </option>
          </select>
        </label>
      </div>
      <FieldIssues field={field} />
      {value.on === 'ray' && (
        <>
          <div className={styles.row}>
            <Field
              of={field}
              name="address"
              label="Address of its dashboard"
              placeholder="http://head:8265"
              set={set}
              value={value}
            />
            <Field of={field} name="cpus" label="CPUs of a job" placeholder="1" set={set} value={value} />
            <Field
              of={field}
              name="rayGpus"
              label="GPUs asked of Ray"
              placeholder="as the job holds"
              set={set}
              value={value}
            />
          </div>
          <div className={styles.row}>
            <Field
              of={field}
              name="workingDirectory"
              label="Folder on the nodes"
              placeholder="the sweep’s own"
              set={set}
              value={value}
            />
            <Field
              of={field}
              name="rayOptions"
              label="More, as JSON"
              placeholder='{"resources":{"a100":1}}'
              set={set}
              value={value}
            />
          </div>
        </>
      )}
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

/** The key of the sweep file that a field stands for. */
const keys = {
  partition: 'partition',
  account: 'account',
  qos: 'qos',
  time: 'time',
  gpusPerNode: 'gpus_per_node',
  address: 'address',
  cpus: 'cpus',
  rayGpus: 'gpus',
  workingDirectory: 'working_directory',
  rayOptions: 'options',
} as const

type FieldProps = {
  of: string
  name: keyof typeof keys
  label: string
  placeholder: string
  value: ExecutorForm
  set: (changes: Partial<ExecutorForm>) => void
}

function Field({ of, name, label, placeholder, value, set }: FieldProps) {
  return (
    <TextField
      field={`${of}/${keys[name]}`}
      label={label}
      value={value[name]}
      placeholder={placeholder}
      mono
      onChange={(text) => set({ [name]: text })}
    />
  )
}
