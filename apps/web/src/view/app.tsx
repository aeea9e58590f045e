/**
 * The page: one view for each phase.
 *
 * @module
 */
import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Recollection } from '../recollection.ts'
import { refusalOf } from '../refusals.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { Invited } from './invited.tsx'
import { Joined } from './joined.tsx'
import { Joining } from './joining.tsx'
import { Leaving } from './leaving.tsx'
import { Left } from './left.tsx'
import { Loading } from './loading.tsx'
import { Masthead } from './masthead.tsx'
import { Refused } from './refused.tsx'

export interface AppProps {
  readonly view: ReadonlySignal<PageView>
  readonly recollection: ReadonlySignal<Recollection>
  readonly actions: PageActions
  /** The address brought an invitation along. */
  readonly invited: boolean
}

export function App(props: AppProps) {
  useFocusOnNewPhase(props.view.value.phase)
  return (
    <>
      <Masthead federation={props.view.value.federation} />
      <Phase {...props} />
    </>
  )
}

/** What had the focus is gone with its view; a keyboard or a screen reader starts at the top. */
function useFocusOnNewPhase(phase: string): void {
  const before = useRef(phase)
  useEffect(() => {
    if (before.current === phase) return
    before.current = phase
    const main = document.querySelector('main')
    if (!main) return
    main.tabIndex = -1
    main.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [phase])
}

function Phase({ view: signal, recollection, actions, invited }: AppProps) {
  const view = signal.value
  switch (view.phase) {
    case 'loading':
      return <Loading invited={invited} />
    case 'refused':
      return (
        <Refused
          refusal={view.refusal ?? refusalOf('page/unexpected')}
          federation={view.federation}
        />
      )
    case 'invited':
      return <Invited view={view} actions={actions} />
    case 'joining':
      return <Joining view={view} />
    case 'joined':
    case 'finished':
      return <Joined view={view} recollection={recollection.value} actions={actions} />
    case 'leaving':
      return <Leaving view={view} />
    case 'left':
      return <Left view={view} actions={actions} />
  }
}
