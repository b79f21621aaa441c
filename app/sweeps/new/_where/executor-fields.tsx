'use client'
import { ArgumentBoxes } from '../_command/argument-boxes.tsx'
import { isAway, type ExecutorForm } from './executor-form.ts'
import { FieldIssues, fieldId, TextField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'

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
            isAway(form.executor) && form.executor.on !== 'agents'
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
            {unsaid === null && <option value="agents">W&amp;B’s agents (wandb agent)</option>}
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
      {(value.on === 'ray' || value.on === 'slurm') &&
        rows[value.on].map((fields) => (
          <div className={styles.row} key={fields[0].name}>
            {fields.map(({ name, key, label: words, placeholder }) => (
              <TextField
                key={name}
                field={`${field}/${key}`}
                label={words}
                value={value[name]}
                placeholder={placeholder}
                mono
                onChange={(text) => set({ [name]: text })}
              />
            ))}
          </div>
        ))}
      {value.on === 'slurm' && (
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
      )}
    </div>
  )
}

/** What a cluster is asked for, in rows: the name in the form, the key in the sweep file, and the words. */
const rows = {
  ray: [
    [
      { name: 'address', key: 'address', label: 'Address of its dashboard', placeholder: 'http://head:8265' },
      { name: 'cpus', key: 'cpus', label: 'CPUs of a job', placeholder: '1' },
      { name: 'rayGpus', key: 'gpus', label: 'GPUs asked of Ray', placeholder: 'as the job holds' },
    ],
    [
      {
        name: 'workingDirectory',
        key: 'working_directory',
        label: 'Folder on the nodes',
        placeholder: 'the sweep’s own',
      },
      { name: 'rayOptions', key: 'options', label: 'More, as JSON', placeholder: '{"resources":{"a100":1}}' },
    ],
  ],
  slurm: [
    [
      { name: 'partition', key: 'partition', label: 'Partition', placeholder: 'the site’s' },
      { name: 'time', key: 'time', label: 'Time limit', placeholder: 'e.g. 2:00:00' },
      { name: 'gpusPerNode', key: 'gpus_per_node', label: 'GPUs a node has', placeholder: 'e.g. 8' },
    ],
    [
      { name: 'account', key: 'account', label: 'Account', placeholder: 'your own' },
      { name: 'qos', key: 'qos', label: 'QOS', placeholder: 'the site’s' },
    ],
  ],
} as const
