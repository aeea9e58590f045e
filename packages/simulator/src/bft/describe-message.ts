/**
 * What a message between voters says, in one line for a person.
 *
 * @module
 */
import { fromUtf8, toHex } from '@folkmoot/codec'
import { type Certificate, parseProposal, type Vote } from '@folkmoot/consensus'
import { type Message, parseMessage } from '@folkmoot/consensus-bft'
import { parseOperation } from './operation-message.ts'

const LETTERS = { notarise: 'N', nullify: 'S', finalise: 'F' } as const

export const short = (hash: Uint8Array) => toHex(hash.subarray(0, 3))

function voteText({ epoch, kind, view, hash, voter }: Vote): string {
  const what = kind === 'nullify' ? '' : ` ${short(hash)}`
  return `${LETTERS[kind]}(${epoch}/${view}${what}) by ${voter}`
}

function certificateText({ epoch, kind, view, hash }: Certificate): string {
  const what = kind === 'nullify' ? '' : ` ${short(hash)}`
  return `[${LETTERS[kind]} ${epoch}/${view}${what}]`
}

function proposalText(bytes: Uint8Array): string {
  const parsed = parseProposal(bytes)
  if (!parsed.ok) return `no proposal: ${parsed.fault.message}`
  const { id, parsed: header, payload, justify } = parsed.proposal
  const skipped = justify.skipped.map(({ view }) => view).join(' ')
  const reasons = `on ${short(header.parentHash)} of view ${header.bft.parentView}`
  const flags = header.bft.flags === 0 ? '' : `, flags ${header.bft.flags}`
  const content = `height ${header.height}, ${payload.length} operations${flags}`
  return `block ${short(id)} view ${header.epoch}/${header.bft.view} ${reasons}${skipped ? ` skipping ${skipped}` : ''}, ${content}`
}

export function describeMessage(bytes: Uint8Array): string {
  const operation = parseOperation(bytes)
  if (operation !== undefined) return `operation ${operation.id} "${fromUtf8(operation.bytes)}"`
  const parsed = parseMessage(bytes)
  return parsed.ok ? messageText(parsed.message) : `${bytes.length} bytes that are no message`
}

function messageText(message: Message): string {
  switch (message.type) {
    case 'vote':
      return voteText(message.vote)
    case 'proposal':
      return `proposes ${proposalText(message.proposal)}${message.vote ? `, ${voteText(message.vote)}` : ''}`
    case 'certificate':
      return `certificate ${certificateText(message.certificate)}`
    case 'repair':
      return `repair ${[...message.certificates.map(certificateText), ...message.votes.map(voteText)].join(' ')}`
    case 'status': {
      const { epoch, finalView, finalHeight, currentView, notarised, nullified } = message
      return `status ${epoch}/${finalView} height ${finalHeight}, current ${currentView}, N ${notarised.join(' ')}, S ${nullified.join(' ')}`
    }
    case 'blocks':
      return `blocks ${message.proposals.map(proposalText).join('; ')}`
    case 'entries':
      return `${message.entries.length} entries`
    case 'want':
      return `wants block ${short(message.id)} above height ${message.above}`
    case 'recalled':
      return `recalled ${message.votes.map(voteText).join(' ')}`
    default:
      return message.type
  }
}
