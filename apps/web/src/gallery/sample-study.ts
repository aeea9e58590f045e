/**
 * A federation, a study and its people, as the gallery shows them. Made by hand; the numbers
 * follow the penguins study.
 *
 * @module
 */
import type {
  AnswerView,
  CreditView,
  FederationView,
  LinkView,
  PeerView,
  StageLatency,
  StudyView,
} from '../view-model.ts'

export const UNITS = 94

/** A fixed afternoon, so that pictures do not change by the hour. */
export const NOON = new Date(2026, 10, 22, 14, 5, 9).getTime()

export const people = {
  you: '12D3KooWBmq7RkXgyVb1c2QJdTYs5o8fWn3LhPZkqUe6vYtG4QmX',
  relay: '12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X',
  ada: '12D3KooWH3uVF6wv47WnArKHk5p6cvgCJEb74UTmxztmQDc298L3',
  ben: '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo',
  chi: '12D3KooWLJtG8fd2hkQzTn96MrLvThmnNQjTUFZwGEsLRz5EmSzc',
  dov: '12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay',
  eve: '12D3KooWDMCQbZZvLgHiHntG1KwcHoqHPAxL37KvhgibWqFtpqUY',
} as const

export const federation: FederationView = {
  id: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
  fingerprint: 'a1b2 c3d4 e5f6 0718',
  name: 'Palmer Station Open Data',
  purpose:
    'Questions about published biological data, answered by volunteers and open to anyone’s check.',
  contact: 'moot@palmer.example',
  founder: people.relay,
  privacy: 'Peer ids and results are public. IP addresses are seen by peers and are not recorded.',
  preset: 'local',
}

export const study: StudyView = {
  id: '5f0c1d9a7b3e42868f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70',
  question: 'Do Adélie penguins on Torgersen and on Biscoe differ in flipper length?',
  title: 'Flipper length of Adélie penguins: a permutation test',
  purpose:
    'Shuffles the island labels of 95 birds millions of times and counts how often chance alone makes a difference as large as the one observed.',
  author: 'Dr. Inge Halvorsen, Institute of Polar Ecology',
  contact: 'inge@polar.example',
  licence: 'CC0-1.0',
  units: UNITS,
  validation: 'two peers give the same bytes',
  independence: 'not-checked',
  leaves: ['number of shuffles', 'number of extreme shuffles'],
  declared: [
    { name: 'shuffles', what: 'a whole number from 0 to 1,000,000' },
    { name: 'extreme', what: 'a whole number from 0 to 1,000,000' },
  ],
  limits: { stepMs: 1000, unitMs: 60_000, memoryMiB: 4 },
  code: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
  state: 'open',
}

const reference = {
  text: '0.07548',
  source: 'Exact two-sided p, by dynamic programming over every possible relabelling',
}

/** How the estimate wandered; multiples of half the interval's width. */
const WANDER = [0.9, -0.5, 0.62, 0.3, -0.42, -0.1, 0.35, 0.16, -0.22, -0.3, 0.08, 0.2, -0.05]

export function answerAt(doneUnits: number): AnswerView {
  const half = 0.052 / Math.sqrt(doneUnits)
  const wander = WANDER[doneUnits % WANDER.length] ?? 0
  const next = WANDER[(doneUnits + 5) % WANDER.length] ?? 0
  const estimate = 0.0754 + half * 0.45 * (wander * 0.4 + next * 0.3)
  return {
    estimate,
    low: Math.max(0, estimate - half),
    high: estimate + half,
    doneUnits,
    label: 'p',
    reference,
    facts: { shuffles: doneUnits * 250_000, extreme: Math.round(doneUnits * 250_000 * estimate) },
  }
}

export const links: readonly LinkView[] = [
  link(people.relay, 'relay', 'websocket', 3, 21, true),
  link(people.ada, 'ada', 'direct', 14, 26, false),
  link(people.ben, 'ben-thinkpad', 'direct', 38, 19, false),
  link(people.chi, 'chi', 'direct', 52, 12, false),
  link(people.dov, 'dov', 'relayed', 121, 4, false),
]

function link(
  peer: string,
  nickname: string,
  kind: LinkView['kind'],
  rttMs: number,
  finalResults: number,
  isRelay: boolean,
): LinkView {
  return { peer, nickname, kind, rttMs, finalResults, isRelay }
}

export const peers: readonly PeerView[] = [
  { peer: people.you, nickname: '', status: 'here', role: 'member', worker: true },
  { peer: people.relay, nickname: 'relay', status: 'here', role: 'relay', worker: false },
  { peer: people.ada, nickname: 'ada', status: 'here', role: 'member', worker: true },
  { peer: people.ben, nickname: 'ben-thinkpad', status: 'here', role: 'member', worker: true },
  { peer: people.chi, nickname: 'chi', status: 'here', role: 'member', worker: true },
  { peer: people.dov, nickname: 'dov', status: 'suspect', role: 'member', worker: true },
  { peer: people.eve, nickname: 'eve', status: 'here', role: 'member', worker: true },
]

export const credits: readonly CreditView[] = [
  { peer: people.ada, nickname: 'ada', finalResults: 26 },
  { peer: people.you, nickname: '', finalResults: 24 },
  { peer: people.relay, nickname: 'relay', finalResults: 21 },
  { peer: people.ben, nickname: 'ben-thinkpad', finalResults: 19 },
  { peer: people.chi, nickname: 'chi', finalResults: 12 },
  { peer: people.dov, nickname: 'dov', finalResults: 4 },
]

export const latency: readonly StageLatency[] = [
  { stage: 'fetch', medianMs: 46, slowMs: 180 },
  { stage: 'compute', medianMs: 980, slowMs: 1420 },
  { stage: 'guard', medianMs: 1, slowMs: 3 },
  { stage: 'sign', medianMs: 2, slowMs: 5 },
  { stage: 'confirm', medianMs: 640, slowMs: 2100 },
]
