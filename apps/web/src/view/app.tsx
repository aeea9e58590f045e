/**
 * The page: one view for each phase.
 *
 * @module
 */
import type { ReadonlySignal } from '@preact/signals'
import type { Recollection } from '../recollection.ts'
import { refusalOf } from '../refusals.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { Invited } from './invited.tsx'
import { Joined } from './joined.tsx'
import { Joining } from './joining.tsx'
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
  return (
    <>
      <Masthead federation={props.view.value.federation} />
      <Phase {...props} />
    </>
  )
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
    case 'left':
      return <Left view={view} actions={actions} />
  }
}
