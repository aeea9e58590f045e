/**
 * What an approved action does. Each refuses before it changes anything.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Action } from '../action.ts'
import { amendCharter } from './charter-in-force.ts'
import type { Applied, Context } from './context.ts'
import { createInvitation } from './invitations.ts'
import { bar } from './members.ts'
import { closeStudy, openStudy } from './studies.ts'
import { changeEngine, offerVoter, removeVoter, rotateKeys } from './voters.ts'

/** `context.signer` is who proposed it. */
export function applyAction(surroundings: Context, action: Action): Applied {
  const context = { ...surroundings, approved: true, expectHeight: undefined }
  switch (action.kind) {
    case 'invitation.create':
      return createInvitation(context, action.body)
    case 'study.open':
      return openStudy(context, action.body)
    case 'study.close':
      return closeStudy(context, action.body)
    case 'member.revoke':
      return bar(context, action.body)
    case 'voter.offer':
      return offerVoter(context, action.body)
    case 'voter.remove':
      return removeVoter(context, action.body)
    case 'voter.rotate':
      return rotateKeys(context)
    case 'charter.amend':
      return amendCharter(context, action.body)
    case 'engine.change':
      return changeEngine(context, action.body)
  }
}

/** The peer that an action is about. */
export function subjectOf(action: Action): PeerId | undefined {
  return 'peer' in action.body ? action.body.peer : undefined
}
