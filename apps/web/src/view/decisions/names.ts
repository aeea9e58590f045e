/**
 * Peers as a sentence names them: by nickname, as far as somebody here has one, and always by id,
 * because a nickname is only what a peer calls itself.
 *
 * @module
 */
import { shortPeer } from '../../format.ts'
import type { PageView } from '../../view-model.ts'
import type { NameOf } from '../../words/change-words.ts'
import { words } from '../../words.ts'

export function namesIn({ peers, peerId }: Pick<PageView, 'peers' | 'peerId'>): NameOf {
  const nicknames = new Map(peers.map(({ peer, nickname }) => [peer, nickname]))
  return (peer) => {
    if (peer === peerId) return words.audit.self
    const name = nicknames.get(peer)
    return name ? `${name} ${shortPeer(peer)}` : shortPeer(peer)
  }
}
