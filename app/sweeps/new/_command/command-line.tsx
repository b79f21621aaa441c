'use client'
import { useRef, useState } from 'react'
import { readShellLine, type ShellRemark } from '../../../../domain/sweep/commands/shell-line.ts'
import { offerPlaceholders, type ValueOffer, withPlaceholders } from '../../../../domain/sweep/commands/value-offers.ts'
import { TriangleIcon } from '../../../_shell/icons.tsx'
import { showToast } from '../../../_shell/toast.tsx'
import { ArgumentBoxes } from './argument-boxes.tsx'
import { CommandFindings } from './command-look.tsx'
import { FirstCommand } from './first-command.tsx'
import { useForm } from '../form-context.tsx'
import { expandedValues } from '../_plan/plan-of-form.ts'
import type { SweepForm } from '../sweep-form.ts'
import { takeLine } from './take-line.ts'
import styles from './command-line.module.css'

type Of = 'train' | 'evaluate'

/** A command as boxes, and the ways to it: a pasted line, placeholders for values, what of it is there, how it will run. */
export function CommandFields({ of, label }: { of: Of; label: string }) {
  const { form, change, placeholders, directory, serverDirectory, setDirectory } = useForm()
  const details = useRef<HTMLDetailsElement>(null)
  const [line, setLine] = useState('')
  const [remarks, setRemarks] = useState<ShellRemark[]>([])
  const set = (command: string[]) => {
    setRemarks([])
    change((current) => ({ ...current, [of]: { ...current[of], command } }) as SweepForm)
  }
  const take = (text: string) => {
    const read = readShellLine(text, (name) => placeholders[of].includes(name))
    if (read.words.length === 0) {
      setLine(text)
      if (details.current) details.current.open = true
      return
    }
    const taken = takeLine(form, of, read, { given: directory, server: serverDirectory })
    const before = { form, directory }
    change(() => taken.form)
    if (taken.directory !== null) setDirectory(taken.directory)
    setRemarks(taken.remarks)
    setLine('')
    if (details.current) details.current.open = false
    if (before.form[of].command.length === 0) return
    const undo = () => {
      change(() => before.form)
      setDirectory(before.directory)
    }
    showToast({ text: 'The command is replaced by the pasted line.', undo })
  }
  return (
    <>
      <ArgumentBoxes
        field={`${of}/command`}
        label={label}
        values={form[of].command}
        onChange={set}
        onLine={take}
        known={placeholders[of]}
        offer
        addWord="Add an argument"
        itemWord="Argument"
        completePaths
      />
      <Remarks remarks={remarks} />
      <Offers words={form[of].command} onTake={set} />
      <details className={styles.paste} ref={details}>
        <summary>Paste a command line</summary>
        <PastedLine of={of} line={line} onLine={setLine} onTake={take} />
      </details>
      <CommandFindings of={of} />
      <FirstCommand of={of} />
    </>
  )
}

/** A line that is taken apart while it is written, with what a shell alone would do. */
function PastedLine({
  of,
  line,
  onLine,
  onTake,
}: {
  of: Of
  line: string
  onLine: (line: string) => void
  onTake: (line: string) => void
}) {
  const { placeholders } = useForm()
  const read = readShellLine(line, (name) => placeholders[of].includes(name))
  return (
    <>
      <textarea
        aria-label={of === 'train' ? 'Command line' : 'Command line of the evaluation'}
        className="mono"
        rows={3}
        placeholder="CUDA_VISIBLE_DEVICES=0 accelerate launch train.py --lr 2e-5"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        value={line}
        onChange={(event) => onLine(event.target.value)}
      />
      <Remarks remarks={read.remarks} />
      {read.words.length > 0 && (
        <p className={styles.taken}>
          <span>
            {read.words.length === 1 ? '1 word' : `${read.words.length} words`}
            {read.environment.length > 0 &&
              `, ${read.environment.length === 1 ? '1 variable' : `${read.environment.length} variables`}`}
            {read.directory !== null && `, in ${read.directory}`}
          </span>
          <button type="button" className="btn sm" onClick={() => onTake(line)}>
            Take it
          </button>
        </p>
      )}
    </>
  )
}

function Remarks({ remarks }: { remarks: ShellRemark[] }) {
  if (remarks.length === 0) return null
  return (
    <ul className={styles.remarks} role="status">
      {remarks.map(({ text, kind, message }, at) => (
        <li key={at} className={kind === 'refused' ? 'error' : undefined}>
          {kind === 'refused' && <TriangleIcon />}
          <span>
            <code>{text}</code> {message}.
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Words, or parts of them, that equal a value of an axis. */
function Offers({ words, onTake }: { words: string[]; onTake: (words: string[]) => void }) {
  const { form } = useForm()
  const axes = form.axes.flatMap((row) =>
    row.name.trim() === ''
      ? []
      : [{ name: row.name.trim(), values: expandedValues(row), milestone: row.kind === 'milestones' }],
  )
  const offers = offerPlaceholders(words, axes)
  if (offers.length === 0) return null
  const take = (taken: ValueOffer[]) => onTake(withPlaceholders(words, taken))
  return (
    <p className={styles.offers}>
      Values of an axis:
      {offers.map((offer) => (
        <button
          type="button"
          key={`${offer.at} ${offer.start} ${offer.name}`}
          title={`in ${words[offer.at]}`}
          onClick={() => take([offer])}
        >
          {offer.text} → {`\${${offer.name}}`}
        </button>
      ))}
      {offers.length > 1 && (
        <button type="button" className={styles.all} onClick={() => take(offers)}>
          Put in all {offers.length}
        </button>
      )}
    </p>
  )
}
