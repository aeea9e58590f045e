/**
 * This browser and its links, drawn. Every node can be focused and says what it is.
 *
 * @module
 */
import { useEffect, useState } from 'preact/hooks'
import { formatLatency, shortPeer } from '../format.ts'
import type { Place } from '../topology-layout.ts'
import type { LinkView, PeerView } from '../view-model.ts'
import { words } from '../words.ts'
import { useWidth } from './use-width.ts'

interface TopologyProps {
  readonly self: string
  readonly links: readonly LinkView[]
  readonly unlinked: readonly PeerView[]
  readonly peers: readonly PeerView[]
}

type Places = ReadonlyMap<string, Place>

export function Topology({ self, links, unlinked, peers }: TopologyProps) {
  const [ref, width] = useWidth<HTMLDivElement>(640)
  const height = heightFor(links.length + unlinked.length)
  const places = usePlaces(self, links, unlinked, width, height)
  const centre = places?.get(self)
  const suspect = new Set(peers.filter((p) => p.status === 'suspect').map((p) => p.peer))
  return (
    <div class="topology" ref={ref} style={{ height: `${height}px` }}>
      {places && centre && (
        // biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset
        <svg width={width} height={height} role="group" aria-label={words.peers.topology}>
          {links.map((link) => (
            <Edge key={link.peer} from={centre} to={places.get(link.peer)} kind={link.kind} />
          ))}
          <Node
            from={centre}
            at={centre}
            name={words.peers.you}
            note={shortPeer(self)}
            shape="you"
          />
          {links.map((link) => (
            <Node
              key={link.peer}
              from={centre}
              at={places.get(link.peer)}
              name={link.nickname || shortPeer(link.peer)}
              note={linkNote(link)}
              shape={link.isRelay ? 'relay' : suspect.has(link.peer) ? 'suspect' : 'peer'}
            />
          ))}
          {unlinked.map((peer) => (
            <Node
              key={peer.peer}
              from={centre}
              at={places.get(peer.peer)}
              name={peer.nickname || shortPeer(peer.peer)}
              note={words.peers.noLink}
              shape={peer.status === 'suspect' ? 'suspect' : 'loose'}
            />
          ))}
        </svg>
      )}
    </div>
  )
}

/** One or two peers stand in a line; a dozen need room on all sides. */
function heightFor(others: number): number {
  if (others < 3) return 110
  return others < 6 ? 220 : others < 9 ? 280 : 340
}

/** The layout comes with its own chunk, so that the shell does not wait for it. */
function usePlaces(
  self: string,
  links: readonly LinkView[],
  unlinked: readonly PeerView[],
  width: number,
  height: number,
): Places | null {
  const [places, setPlaces] = useState<Places | null>(null)
  const linked = links.map((link) => link.peer).join(' ')
  const loose = unlinked.map((peer) => peer.peer).join(' ')
  useEffect(() => {
    let current = true
    import('../topology-layout.ts').then(({ placePeers }) => {
      if (current) setPlaces(placePeers(self, split(linked), split(loose), width, height))
    })
    return () => {
      current = false
    }
  }, [self, linked, loose, width, height])
  return places
}

const split = (ids: string): string[] => (ids === '' ? [] : ids.split(' '))

function linkNote(link: LinkView): string {
  const kind = words.peers.kinds[link.kind]
  return link.rttMs === null ? kind : `${kind} ${formatLatency(link.rttMs)}`
}

interface EdgeProps {
  readonly from: Place
  readonly to: Place | undefined
  readonly kind: LinkView['kind']
}

function Edge({ from, to, kind }: EdgeProps) {
  if (!to) return null
  return <line class="link" data-kind={kind} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
}

interface NodeProps {
  /** Where its line begins: its name stands on the other side. */
  readonly from: Place
  readonly at: Place | undefined
  readonly name: string
  readonly note: string
  readonly shape: 'you' | 'relay' | 'peer' | 'suspect' | 'loose'
}

function Node({ from, at, name, note, shape }: NodeProps) {
  if (!at) return null
  const above = at.y < from.y
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a picture that is read by focusing it
    <g
      class="node"
      data-shape={shape}
      role="img"
      tabindex={0}
      aria-label={`${name}, ${note}`}
      transform={`translate(${at.x} ${at.y})`}
    >
      {shape === 'relay' ? (
        <rect x="-9" y="-9" width="18" height="18" rx="5" />
      ) : (
        <circle r={shape === 'you' ? 12 : 9} />
      )}
      <text class="node-name" y={above ? -29 : 27} text-anchor="middle">
        {name}
      </text>
      <text class="node-note" y={above ? -15 : 41} text-anchor="middle">
        {note}
      </text>
    </g>
  )
}
