'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { hoursText } from '../../../domain/life/slot-hours.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import styles from './sweep.module.css'

/** For a sweep that its budget holds: another budget, with which it goes on. */
export function RaiseBudget({ sweep, unit }: { sweep: SweepDetail; unit: string }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const budget = sweep.definition.budget!.gpu_hours
  const [text, setText] = useState('')
  const readAgain = () => void queryClient.invalidateQueries(trpc.sweeps.pathFilter())
  const resume = useMutation(trpc.sweeps.resume.mutationOptions({ onSettled: readAgain }))
  const raise = useMutation(
    trpc.sweeps.setBudget.mutationOptions({ onSuccess: () => resume.mutate({ id: sweep.id }), onError: readAgain }),
  )
  const gpuHours = Number(text.trim())
  const isMore = text.trim() !== '' && Number.isFinite(gpuHours) && gpuHours > budget
  return (
    <form
      className={styles.budget}
      onSubmit={(event) => {
        event.preventDefault()
        if (isMore) raise.mutate({ id: sweep.id, gpuHours })
      }}
    >
      <label>
        {unit} hours in all{' '}
        <input
          inputMode="decimal"
          value={text}
          placeholder={`more than ${hoursText(budget)}`}
          aria-invalid={text.trim() !== '' && !isMore}
          onChange={(event) => setText(event.target.value)}
        />
      </label>{' '}
      <button type="submit" className="btn sm" aria-disabled={!isMore || raise.isPending}>
        Raise the budget and go on
      </button>
      {text.trim() !== '' && !isMore && (
        <span className="error">
          “{text.trim()}” is no number above {hoursText(budget)}.
        </span>
      )}
    </form>
  )
}
