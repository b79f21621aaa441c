'use client'
import { MutationCache, QueryClient, QueryClientProvider, replaceEqualDeep } from '@tanstack/react-query'
import { createTRPCClient, httpBatchStreamLink, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { type ReactNode, useState } from 'react'
import { holdsRefused, transformer } from '../contract/transformer.ts'
import type { AppRouter } from '../server/api/root.ts'
import { KeyboardHelp } from './_shell/keyboard.tsx'
import { BrowserNotifications } from './_shell/browser-notifications.tsx'
import { LiveUpdates } from './_shell/live-updates.tsx'
import { Toasts, showToast } from './_shell/toast.tsx'
import { errorIssues, errorSentence, isNotFound, TRPCProvider } from './_shell/trpc.ts'

const url = '/api/trpc'

/** What did not change stays the very same value. A name such as `__proto__` would be lost on the way: such an answer is new as a whole. */
function shareUnchanged(before: unknown, now: unknown): unknown {
  return holdsRefused(now, 0) ? now : replaceEqualDeep(before, now)
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // changes arrive over the subscription, so nothing is read again only because a window took focus
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        structuralSharing: shareUnchanged,
        retry: (failures, error) => !isNotFound(error) && failures < 2,
        retryDelay: 1_000,
      },
    },
    mutationCache: new MutationCache({
      // a form shows its issues beside the fields; everything else that fails is said at the foot of the page
      onError: (error) => {
        if (errorIssues(error).length === 0) showToast({ text: errorSentence(error), tone: 'error' })
      },
    }),
  })
}

function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url, transformer }),
        false: splitLink({
          // a whole sweep file does not fit into an address
          condition: ({ path }) => path === 'sweeps.preview' || path === 'curricula.preview',
          true: httpLink({ url, transformer, methodOverride: 'POST' }),
          // a quick answer does not wait for a slow one that was asked for beside it
          false: httpBatchStreamLink({ url, transformer, maxURLLength: 4_000 }),
        }),
      }),
    ],
  })
}

/** The API's client, the cache of its answers, the live updates, and what lies over every page. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  const [client] = useState(createClient)
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        <LiveUpdates />
        <BrowserNotifications />
        {children}
        <KeyboardHelp />
        <Toasts />
      </TRPCProvider>
    </QueryClientProvider>
  )
}
