'use client'
import { useState } from 'react'
import { type SettingInfo, settingsOfTrainer } from '../../../../contract/settings-list.ts'
import { nearestName } from '../../../../domain/sweep/files/nearest-name.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { formatCount, plural } from '../../../_words/format.ts'
import { readConfigValue } from '../field-values.ts'
import { FieldIssues, useFieldAttributes, useForm } from '../form-context.tsx'
import { CodeWords } from './code-words.tsx'
import { RewardParts } from './reward-parts.tsx'
import { isOtherThan, textBefore } from './settings-before.ts'
import { defaultWords, findSettings, rangeWords } from './setting-words.ts'
import { type ConfigRow, nextRowId, type SweepForm } from '../sweep-form.ts'
import styles from './settings.module.css'

/** The rows of a trainer's settings: of each the first; the others are told of. */
function rowsOf(form: SweepForm, settings: readonly SettingInfo[]) {
  const rows = new Map<string, ConfigRow>()
  const others: ConfigRow[] = []
  const keys = new Set(settings.map(({ key }) => key))
  for (const row of form.config) {
    const key = row.key.trim()
    if (keys.has(key) && !rows.has(key)) rows.set(key, row)
    else others.push(row)
  }
  return { rows, others }
}

/** Every setting of a built-in trainer with its default and its meaning: only what is changed goes into the file. */
export function TrainerSettings({ trainer }: { trainer: Exclude<SweepForm['trainer'], 'command'> }) {
  const { form, issuesAt, before } = useForm()
  const [search, setSearch] = useState('')
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map())
  const settings = settingsOfTrainer(trainer)
  const { rows, others } = rowsOf(form, settings)
  const found = findSettings(settings, search)
  const searching = search.trim() !== ''
  const groups = Map.groupBy(found, ({ group }) => group)
  return (
    <div role="group" aria-label="Settings">
      <div className={styles.head}>
        <span className="label">
          Settings, {rows.size === 0 ? 'all at their defaults' : `${formatCount(rows.size)} changed`}
        </span>
        <input
          type="search"
          aria-label="Find a setting"
          placeholder={`find among ${settings.length}`}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {found.length === 0 && (
        <p className={styles.none} role="status">
          No setting of {trainer} is called or does “{search.trim()}”.
        </p>
      )}
      {[...groups].map(([group, members], at) => {
        const changed = members.filter(({ key }) => rows.has(key)).length
        const moved = members.filter((setting) => isOtherThan(before, setting, rows.get(setting.key))).length
        const wrong = members.some(({ key }) => issuesAt(`config/${key}`).length > 0)
        const open =
          searching ||
          wrong ||
          (toggled.get(group) ??
            (at === 0 || (before === null ? changed > 0 : moved > 0 || (group === 'Reward' && changed > 0))))
        return (
          <details
            key={group}
            className={styles.group}
            open={open}
            onToggle={(event) => {
              const now = event.currentTarget.open
              if (now !== open) setToggled((before) => new Map(before).set(group, now))
            }}
          >
            <summary>
              {group}{' '}
              <span className="ink3">
                {changed > 0
                  ? `${formatCount(changed)} of ${plural(members.length, 'setting')} changed`
                  : members.length}
                {moved > 0 && `, ${formatCount(moved)} other than before`}
              </span>
            </summary>
            <div className={styles.list}>
              {members.map((setting) => (
                <Setting key={setting.key} setting={setting} row={rows.get(setting.key)} />
              ))}
            </div>
          </details>
        )
      })}
      {others.map((row) => (
        <UnknownSetting key={row.id} row={row} trainer={trainer} known={settings.map(({ key }) => key)} />
      ))}
      <FieldIssues field="config" />
    </div>
  )
}

/** `row`: what was changed; undefined: it is at its default. */
function Setting({ setting, row }: { setting: SettingInfo; row: ConfigRow | undefined }) {
  const { form, change, before } = useForm()
  const { key, about, unit, kind, words } = setting
  const attributes = useFieldAttributes(`config/${key}`)
  const usual = defaultWords(setting)
  const value = row?.value ?? ''
  const isAxis = form.axes.some((axis) => axis.name.trim() === key)
  const write = (text: string) =>
    change((current) => {
      const without = current.config.filter((other) => other.id !== row?.id)
      if (text === '') return { ...current, config: without }
      if (row === undefined)
        return { ...current, config: [...current.config, { id: nextRowId(current.config), key, value: text }] }
      return {
        ...current,
        config: current.config.map((other) => (other.id === row.id ? { ...other, value: text } : other)),
      }
    })
  const isMoved = isOtherThan(before, setting, row)
  const beforeText = isMoved ? textBefore(before!, setting) : ''
  // what is typed as it is anyway is no change
  const onBlur = () => {
    if (row !== undefined && JSON.stringify(readConfigValue(value)?.value) === JSON.stringify(setting.default))
      write('')
  }
  const choices = kind === 'truth' ? ['true', 'false'] : words
  const describedBy = [attributes['aria-describedby'], `about-${key}`].filter(Boolean).join(' ')
  const field = { ...attributes, 'aria-label': `Value of ${key}`, 'aria-describedby': describedBy, value }
  return (
    <div className={[styles.setting, row && styles.changed, key === 'reward' && styles.wide].filter(Boolean).join(' ')}>
      <div className={styles.name}>
        <code>{key}</code>
        {unit !== null && <span className="ink3">{unit}</span>}
        {row && (
          <button type="button" className={styles.reset} onClick={() => write('')} aria-label={`Default of ${key}`}>
            {usual === '' ? 'leave out' : 'default'}
          </button>
        )}
      </div>
      {choices ? (
        <select {...field} onChange={(event) => write(event.target.value)}>
          <option value="">{usual === '' ? 'none' : `${usual} (default)`}</option>
          {[...new Set([...choices.filter((choice) => choice !== usual), ...(value === '' ? [] : [value])])].map(
            (choice) => (
              <option key={choice}>{choice}</option>
            ),
          )}
        </select>
      ) : (
        <input
          {...field}
          type="text"
          className="mono"
          inputMode={kind === 'number' ? 'decimal' : undefined}
          placeholder={usual === '' ? 'none' : usual}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => write(event.target.value)}
          onBlur={onBlur}
        />
      )}
      <p id={`about-${key}`}>
        <CodeWords text={`${about} ${rangeWords(setting)}`} />
        {isAxis && ` The axis ${key} overrides it in every training.`}
      </p>
      {key === 'reward' && <RewardParts text={value} onChange={write} before={before} />}
      {isMoved && (
        <p className={styles.moved}>
          Before: <code>{beforeText === '' ? usual || 'none' : beforeText}</code>
          <button
            type="button"
            className={styles.reset}
            onClick={() => write(beforeText)}
            aria-label={`Value of ${key} before`}
          >
            take it back
          </button>
        </p>
      )}
      <FieldIssues field={`config/${key}`} />
    </div>
  )
}

/** A setting that the trainer does not know: of a pasted file, or of another kind. */
function UnknownSetting({ row, trainer, known }: { row: ConfigRow; trainer: string; known: string[] }) {
  const { form, change } = useForm()
  const key = row.key.trim()
  const meant = nearestName(key, known)
  const remove = () => {
    const before = form.config
    change((current) => ({ ...current, config: current.config.filter((other) => other.id !== row.id) }))
    showToast({
      text: `Removed the setting ${key}.`,
      undo: () => change((current) => ({ ...current, config: before })),
    })
  }
  const rename = (name: string) =>
    change((current) => ({
      ...current,
      config: current.config.map((other) => (other.id === row.id ? { ...other, key: name } : other)),
    }))
  return (
    <div className={styles.unknown}>
      <code>
        {key}: {row.value}
      </code>
      {meant !== null && !known.includes(key) && (
        <button type="button" className="btn sm" onClick={() => rename(meant)}>
          Call it {meant}
        </button>
      )}
      <button type="button" className="btn quiet sm" aria-label={`Remove setting ${key}`} onClick={remove}>
        Remove
      </button>
      <p className={styles.none}>{known.includes(key) ? 'It stands here twice.' : `No setting of ${trainer}.`}</p>
      {!known.includes(key) && <FieldIssues field={`config/${key}`} />}
    </div>
  )
}
