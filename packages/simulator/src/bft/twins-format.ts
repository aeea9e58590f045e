/**
 * Scenarios of the Twins method (arXiv 2004.10617) in the format of relab/hotstuff: for each view
 * its leader and who can talk to whom.
 *
 * @module
 */
import { createRandom, type Random } from '../kernel/random.ts'

export interface TwinsNode {
  /** From 1 on. */
  readonly ReplicaID: number
  /** 0 or absent for the only or the first of a pair, otherwise the second; 1 and 2 in other files. */
  readonly TwinID?: number
}

export interface TwinsView {
  readonly leader: number
  readonly partitions: readonly (readonly TwinsNode[])[]
  readonly comment?: string
}

export interface TwinsFile {
  readonly num_nodes: number
  readonly num_twins: number
  readonly partitions: number
  readonly views: number
  readonly scenarios: readonly (readonly TwinsView[])[]
}

/** Address of a node in a federation: `v0`, and `v0'` for the second of a pair. */
export function addressOf({ ReplicaID, TwinID = 0 }: TwinsNode): string {
  return `v${ReplicaID - 1}${TwinID > 1 ? "'" : ''}`
}

/** @throws RangeError where the text is no such file */
export function readTwins(text: string): TwinsFile {
  const file = JSON.parse(text) as TwinsFile
  const whole = [file.num_nodes, file.num_twins, file.views].every(Number.isInteger)
  if (!whole || !Array.isArray(file.scenarios)) throw new RangeError('this is no file of scenarios')
  return file
}

export function writeTwins(file: TwinsFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`
}

const NODES = 4

/** The four replicas, the first of which is two. */
const nodes: readonly TwinsNode[] = [
  { ReplicaID: 1, TwinID: 1 },
  { ReplicaID: 1, TwinID: 2 },
  { ReplicaID: 2 },
  { ReplicaID: 3 },
  { ReplicaID: 4 },
]

/** Ways to lead and split one view: 4 leaders, 16 splits of five nodes in two. */
export const VIEW_CHOICES = NODES * 2 ** (nodes.length - 1)

function viewOf(choice: number): TwinsView {
  const split = Math.floor(choice / NODES)
  const inSecond = (index: number) => index > 0 && ((split >> (index - 1)) & 1) === 1
  const partitions = [
    nodes.filter((_, index) => !inSecond(index)),
    nodes.filter((_, index) => inSecond(index)),
  ]
  return { leader: (choice % NODES) + 1, partitions }
}

/**
 * The scenario of a seed, with 4 to 7 views. Seeds 1 to 4,096 go through every pair of first views;
 * the views after them are drawn.
 */
export function twinsScenario(seed: number): readonly TwinsView[] {
  const random: Random = createRandom(seed).fork('twins')
  const pair = (seed - 1) % VIEW_CHOICES ** 2
  const first = [pair % VIEW_CHOICES, Math.floor(pair / VIEW_CHOICES)]
  const more = random.between(2, 5)
  const drawn = Array.from({ length: more }, () => random.below(VIEW_CHOICES))
  return [...first, ...drawn].map(viewOf)
}
