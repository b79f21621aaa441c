'use client'
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { chooseTheme, currentTheme, onThemeChange, type Theme, themes } from './theme.ts'
import { useTRPC } from './trpc.ts'

const titles: Record<Theme, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' }

/** Where the data is, and the choice of theme. */
export function Footer() {
  const trpc = useTRPC()
  const system = useQuery(trpc.system.get.queryOptions()).data
  return (
    <footer className="foot">
      <p>
        {system && (
          <>
            Sweepboard {system.version}. Data is kept in the folder {system.dataFolder} of this computer.
          </>
        )}
      </p>
      <ThemeSwitch />
    </footer>
  )
}

function ThemeSwitch() {
  const chosen = useSyncExternalStore<Theme>(onThemeChange, currentTheme, () => 'auto')
  return (
    <fieldset className="theme">
      <legend className="sr">Theme</legend>
      {themes.map((theme) => (
        <label key={theme}>
          <input type="radio" name="theme" checked={chosen === theme} onChange={() => chooseTheme(theme)} />
          {titles[theme]}
        </label>
      ))}
    </fieldset>
  )
}
