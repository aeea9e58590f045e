/**
 * After Join, and when the study is finished: the answer first, then who did what, then
 * everything else on request. Without a key of its own the tab shows the result alone.
 *
 * @module
 */
import type { Recollection } from '../recollection.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { Answer } from './answer.tsx'
import { Audit } from './audit.tsx'
import { Details } from './details.tsx'
import { FinishedBar } from './finished-bar.tsx'
import { NotAccepted } from './not-accepted.tsx'
import { Notices } from './notices.tsx'
import { Now } from './now.tsx'
import { Peers } from './peers.tsx'
import { Share } from './share.tsx'
import { Tiles } from './tiles.tsx'

interface JoinedProps {
  readonly view: PageView
  readonly recollection: Recollection
  readonly actions: PageActions
}

export function Joined({ view, recollection, actions }: JoinedProps) {
  const member = view.peerId !== null
  const finished = view.phase === 'finished'
  return (
    <main class={member ? 'workbench' : 'workbench alone'}>
      <div class="stage">
        <Notices view={view} />
        <h1 class="question small-question">{view.study?.question}</h1>
        <Answer view={view} course={recollection.course} />
        {finished && <FinishedBar view={view} actions={actions} />}
        <Tiles view={view} />
        <NotAccepted tiles={view.tiles} />
      </div>
      {member && (
        <aside class="side">
          <Now view={view} confirmations={recollection.confirmations} actions={actions} />
          {view.inviteLink && <Share link={view.inviteLink} />}
        </aside>
      )}
      <div class="below">
        {member && <Peers view={view} />}
        {member && <Audit view={view} actions={actions} />}
        <Details view={view} actions={actions} />
      </div>
    </main>
  )
}
