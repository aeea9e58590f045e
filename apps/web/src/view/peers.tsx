/**
 * Who is here and how this browser reaches them: as a picture, and as a table.
 *
 * @module
 */
import { formatLatency } from '../format.ts'
import type { LinkView, PageView, PeerView } from '../view-model.ts'
import { words } from '../words.ts'
import { PeerId } from './peer-id.tsx'
import { Region } from './region.tsx'
import { Topology } from './topology.tsx'

/** Mesh degree is 12 at most; what is beyond that is a number, not a list. */
const SHOWN = 12

export function Peers({ view }: { readonly view: PageView }) {
  const linked = new Set(view.links.map((link) => link.peer))
  const others = view.peers.filter((p) => p.peer !== view.peerId && p.status !== 'gone')
  const unlinked = others.filter((p) => !linked.has(p.peer))
  const lead = words.peers.lead(view.links.length, others.length)
  const empty = view.links.length === 0 && unlinked.length === 0
  return (
    <Region id="peers" title={words.regions.peers} lead={empty ? words.peers.empty : lead}>
      {!empty && (
        <>
          <Topology
            self={view.peerId ?? ''}
            links={view.links.slice(0, SHOWN)}
            unlinked={unlinked.slice(0, SHOWN - Math.min(SHOWN, view.links.length))}
            peers={view.peers}
          />
          <table class="peer-table">
            <thead>
              <tr>
                {words.peers.heads.map((head, i) => (
                  <th key={head} scope="col" class={i > 1 ? 'number' : undefined}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {view.links.map((link) => (
                <LinkRow key={`${link.peer} ${link.kind}`} link={link} />
              ))}
              {unlinked.slice(0, SHOWN).map((peer) => (
                <UnlinkedRow key={peer.peer} peer={peer} />
              ))}
            </tbody>
          </table>
          {unlinked.length > SHOWN && (
            <p class="muted small">{words.peers.more(unlinked.length - SHOWN)}</p>
          )}
        </>
      )}
    </Region>
  )
}

function LinkRow({ link }: { readonly link: LinkView }) {
  return (
    <tr data-kind={link.kind}>
      <td>
        <PeerId id={link.peer} nickname={link.nickname} copy />
      </td>
      <td title={words.peers.kindHints[link.kind]}>
        <LinkSample kind={link.kind} />
        {words.peers.kinds[link.kind]}
      </td>
      <td class="number">{link.rttMs === null ? '–' : formatLatency(link.rttMs)}</td>
      <td class="number">{link.finalResults}</td>
    </tr>
  )
}

function UnlinkedRow({ peer }: { readonly peer: PeerView }) {
  return (
    <tr data-kind="none">
      <td>
        <PeerId id={peer.peer} nickname={peer.nickname} copy />
      </td>
      <td class="muted">
        {peer.status === 'suspect' ? words.peers.status.suspect : words.peers.noLink}
      </td>
      <td class="number muted">–</td>
      <td class="number muted">–</td>
    </tr>
  )
}

function LinkSample({ kind }: { readonly kind: LinkView['kind'] }) {
  return (
    <svg class="link-sample" width="22" height="8" viewBox="0 0 22 8" aria-hidden="true">
      <line class="link" data-kind={kind} x1="1" x2="21" y1="4" y2="4" />
    </svg>
  )
}
