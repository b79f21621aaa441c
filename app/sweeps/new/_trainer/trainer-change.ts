import { settingsOfTrainer } from '../../../../contract/settings-list.ts'
import { benchmarkNames } from '../../../../contract/trainer-settings.ts'
import type { SweepForm } from '../sweep-form.ts'

const keysOf = (trainer: SweepForm['trainer']): ReadonlySet<string> =>
  new Set(trainer === 'command' ? [] : settingsOfTrainer(trainer).map(({ key }) => key))

/**
 * The form with another kind of trainer: settings that both know stay, and those of the former alone are left out and named. What
 * neither knows stays too, to be told of. A table of benchmarks without a figure has the names of the built-in evaluation's.
 */
export function withTrainer(form: SweepForm, trainer: SweepForm['trainer']): { form: SweepForm; left: string[] } {
  const [before, after] = [keysOf(form.trainer), keysOf(trainer)]
  const stays = (key: string) => trainer === 'command' || after.has(key) || !before.has(key)
  return {
    form: {
      ...form,
      trainer,
      config: form.config.filter(({ key }) => stays(key.trim())),
      benchmarks: benchmarksFor(form, trainer),
    },
    left: form.config.flatMap(({ key }) => (stays(key.trim()) ? [] : [key.trim()])),
  }
}

function benchmarksFor({ benchmarks }: SweepForm, trainer: SweepForm['trainer']): SweepForm['benchmarks'] {
  const names = benchmarks.map(({ name }) => name.trim())
  const isOwn = benchmarks.some(({ accuracy, questions }) => accuracy.trim() !== '' || questions.trim() !== '')
  const isUntouched = names.every((name) => name === '' || benchmarkNames.includes(name))
  if (isOwn || !isUntouched) return benchmarks
  const wanted = trainer === 'command' ? [''] : benchmarkNames
  return wanted.map((name, index) => ({ id: index + 1, name, accuracy: '', questions: '' }))
}
