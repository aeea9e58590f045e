/**
 * Places peers around this one. The same peers always get the same places: the layout is run
 * to its end at once and never jiggles on screen.
 *
 * @module
 */
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from 'd3-force'

export interface Place {
  readonly x: number
  readonly y: number
}

interface Body extends SimulationNodeDatum {
  readonly id: string
}

/** Off the axes, so that a few peers spread sideways, where there is room. */
const TILT = 0.4
/** Enough for two dozen bodies to come to rest. */
const TICKS = 160
/** Room for a label of about fourteen letters under each node. */
const LABEL_RADIUS = 46
const EDGE = { x: 52, top: 44, bottom: 44 }

/** `linked` and `loose` are ids; the result has a place for each, and for `self`. */
export function placePeers(
  self: string,
  linked: readonly string[],
  loose: readonly string[],
  width: number,
  height: number,
): ReadonlyMap<string, Place> {
  const middle = { x: width / 2, y: (height - EDGE.bottom + EDGE.top) / 2 }
  const around = [...linked, ...loose].sort()
  const bodies: Body[] = [
    { id: self, fx: middle.x, fy: middle.y },
    ...around.map((id, i) => {
      const angle = (i / around.length) * 2 * Math.PI + TILT
      return {
        id,
        x: middle.x + Math.cos(angle) * width * 0.3,
        y: middle.y + Math.sin(angle) * height * 0.3,
      }
    }),
  ]
  // Those without a link are held at the same distance, so that none stands on another's line.
  const links = around.map((id) => ({ source: self, target: id }))
  const reach = Math.min(width, height * 2.4) * 0.34
  const simulation = forceSimulation(bodies)
    .force(
      'links',
      forceLink<Body, (typeof links)[number]>(links)
        .id((b) => b.id)
        .distance(reach),
    )
    .force('apart', forceManyBody().strength(-420))
    .force('collide', forceCollide(LABEL_RADIUS))
    .force('x', forceX(middle.x).strength(0.04))
    .force('y', forceY(middle.y).strength(0.22))
    .stop()
  for (let i = 0; i < TICKS; i += 1) {
    simulation.tick()
    for (const body of bodies) keepInside(body, width, height)
  }
  const tops = bodies.map((body) => body.y ?? 0)
  const spare = (height - EDGE.bottom + EDGE.top - Math.min(...tops) - Math.max(...tops)) / 2
  return new Map(
    bodies.map((b) => [b.id, { x: Math.round(b.x ?? 0), y: Math.round((b.y ?? 0) + spare) }]),
  )
}

function keepInside(body: Body, width: number, height: number): void {
  body.x = Math.min(width - EDGE.x, Math.max(EDGE.x, body.x ?? 0))
  body.y = Math.min(height - EDGE.bottom, Math.max(EDGE.top, body.y ?? 0))
}
