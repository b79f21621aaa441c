'use client'
import { LongValue } from '../../../_words/long-value.tsx'
import { firstCommandOf, firstEnvironmentOf, quotesFor } from './first-command.ts'
import { useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'

/** The first command as it will run, quoted as a shell would need it, with what is unknown marked. */
export function FirstCommand({ of }: { of: 'train' | 'evaluate' }) {
  const { form } = useForm()
  const words = firstCommandOf(form, of)
  if (words.length === 0) return null
  const all = [...firstEnvironmentOf(form, of), ...words]
  return (
    <p className={styles.hint}>
      {of === 'train' ? 'First training' : 'First evaluation'}:{' '}
      <code>
        {all.map((parts, at) => {
          const quote = quotesFor(parts)
          return (
            <span key={at}>
              {at > 0 && ' '}
              {quote}
              {parts.map((part, index) =>
                part.unknown ? (
                  <mark key={index}>{part.text}</mark>
                ) : (
                  <LongValue
                    key={index}
                    text={quote === '' ? part.text : part.text.replaceAll("'", String.raw`'\''`)}
                  />
                ),
              )}
              {quote}
            </span>
          )
        })}
      </code>
    </p>
  )
}
