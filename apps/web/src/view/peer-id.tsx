/**
 * A peer's id, shortened, with the whole of it at hand.
 *
 * @module
 */
import { shortPeer } from '../format.ts'
import { CopyButton } from './copy-button.tsx'

interface PeerIdProps {
  readonly id: string
  readonly nickname?: string
  /** Offers to copy the whole id. */
  readonly copy?: boolean
}

export function PeerId({ id, nickname, copy }: PeerIdProps) {
  return (
    <span class="peer-id">
      {nickname && <span class="nickname">{nickname}</span>}
      <code title={id}>{shortPeer(id)}</code>
      {copy && <CopyButton text={id} />}
    </span>
  )
}
