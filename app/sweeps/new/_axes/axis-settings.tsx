'use client'
import { settingsOfTrainer } from '../../../../contract/settings-list.ts'
import { valueProblem } from '../../../../domain/sweep/settings/settings.ts'
import { CodeWords } from '../_trainer/code-words.tsx'
import { useForm } from '../form-context.tsx'
import { defaultWords, rangeWords } from '../_trainer/setting-words.ts'
import type { AxisRow, SweepForm } from '../sweep-form.ts'
import styles from '../new-sweep.module.css'

export const namesId = 'axis-names'

/** What a built-in trainer's axes may be called: its settings, and what milestones count. */
export function AxisNames() {
  const { form } = useForm()
  if (form.trainer === 'command') return null
  const taken = new Set(form.axes.map(({ name }) => name.trim()))
  const milestones = form.trainer === 'grpo' ? ['step'] : ['epoch', 'step']
  return (
    <datalist id={namesId}>
      {milestones.map((name) => (
        <option key={name} value={name}>
          milestones: a checkpoint is scored at each {name}
        </option>
      ))}
      {settingsOfTrainer(form.trainer)
        .filter(({ kind, key }) => kind !== 'parts' && !taken.has(key))
        .map(({ key, about }) => (
          <option key={key} value={key}>
            {about}
          </option>
        ))}
    </datalist>
  )
}

/** What the setting that an axis varies means and takes. */
export function SettingOfAxis({ row }: { row: AxisRow }) {
  const { form } = useForm()
  if (form.trainer === 'command' || row.kind === 'milestones') return null
  const setting = settingsOfTrainer(form.trainer).find(({ key }) => key === row.name.trim())
  if (!setting) return null
  const usual = defaultWords(setting)
  const takes = setting.words ? `One of ${setting.words.join(', ')}.` : rangeWords(setting)
  return (
    <p className={styles.hint}>
      <CodeWords text={`${setting.about} ${takes}`} /> {usual !== '' && `Default ${usual}.`}
    </p>
  )
}

/** What is wrong with a value before it is added; null where nothing is. */
export function problemOnAxis(trainer: SweepForm['trainer'], { name, kind }: AxisRow, value: string): string | null {
  return trainer === 'command' || kind === 'milestones' || value === ''
    ? null
    : valueProblem(trainer, name.trim(), value)
}
