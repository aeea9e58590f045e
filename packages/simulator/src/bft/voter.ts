/**
 * A voter or observer of a simulated federation: the BFT core, and around it what an engine does,
 * that is executing, keeping the log, registering vote keys and passing operations on.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { toHex, utf8 } from '@folkmoot/codec'
import type { VoterSet } from '@folkmoot/consensus'
import {
  type BftEffect,
  type CoreTiming,
  type CoreView,
  createCore,
  type Effect,
  entriesMessage,
  type FinalBlock,
  type Input,
  type VotingRules,
  voteKeyName,
} from '@folkmoot/consensus-bft'
import type { FederationId, PeerId } from '@folkmoot/identity'
import type { Boot, Machine, Program } from '../kernel/machine.ts'
import { Chain } from './chain.ts'
import { encodeOperation, parseOperation } from './operation-message.ts'
import {
  keyOperation,
  nextSetOf,
  nextVotersOf,
  type PlainOperation,
  type TextState,
} from './text-state.ts'

/** Inputs of the simulated engine beside the core's. */
export type EngineInput =
  | { readonly type: 'submit'; readonly operation: PlainOperation; readonly at: Millis }
  | { readonly type: 'barrier-asked'; readonly at: Millis }
  | { readonly type: 'epoch-entered'; readonly at: Millis }

export type VoterInput = Input | EngineInput
export type VoterEffect = BftEffect

/** What checks watch from outside. */
export interface VoterListener {
  delivered(address: string, chain: Chain, blocks: readonly FinalBlock[]): void
  /** About to take in a message. */
  received(address: string, from: PeerId, message: Uint8Array): void
  evidence(address: string, bytes: Uint8Array): void
  halted(address: string, why: string): void
  asked(address: string, token: number): void
  passed(address: string, token: number, height: number): void
}

export interface VoterInit {
  readonly instance: FederationId
  readonly genesis: VoterSet
  /** Everyone who may ever vote; published messages reach them all. */
  readonly peers: readonly PeerId[]
  readonly timing: Partial<CoreTiming>
  readonly rules?: Partial<VotingRules>
  readonly listener: VoterListener
  /** Whether it registers a key for each next epoch; default true. */
  readonly wantsSeat?: boolean
}

export interface VoterMachine extends Machine<VoterInput, VoterEffect> {
  readonly chain: Chain
  view(): CoreView
}

const FORWARD = 'engine/forward'
const FORWARD_MS = 1_500
/** Execution takes up to this long. */
const EXECUTE_MS = 3
const MAX_SERVED = 64

export function voter(init: VoterInit): Program<VoterInput, VoterEffect> {
  return { boot: (boot) => bootVoter(init, boot as Boot<VoterInput>) }
}

function bootVoter(init: VoterInit, boot: Boot<VoterInput>): VoterMachine {
  const { id: me, address, host, disk } = boot
  const { instance, genesis, timing, rules, listener } = init
  const others = init.peers.filter((peer) => peer !== me)
  const chain = new Chain(genesis, boot.log)
  const core = createCore(
    { instance, me, set: chain.set, tip: chain.tip(), timing, ...(rules ? { rules } : {}) },
    disk,
  )
  /** Submitted anywhere and not final yet, in order of arrival. */
  const pool = new Map<string, Uint8Array>()
  /** Ours to pass on until it is final. */
  const own = new Set<string>()
  const built = new Map<number, TextState>()
  let barriers = 0

  const soon = () => host.random.below(EXECUTE_MS * 1_000) / 1_000
  const step = (input: Input): readonly Effect[] => core.step(input)

  function take(operation: PlainOperation, at: Millis): readonly Effect[] {
    const { id, bytes } = operation
    if (pool.has(id) || chain.state.ids.has(id)) return []
    pool.set(id, bytes)
    return step({ type: 'pending', waiting: true, at })
  }

  function submit(operation: PlainOperation, at: Millis): readonly Effect[] {
    if (chain.state.ids.has(operation.id)) return []
    own.add(operation.id)
    const effects = take(operation, at)
    return [...effects, ...forward([operation], at)]
  }

  function forward(operations: readonly PlainOperation[], at: Millis): readonly Effect[] {
    const sends = operations.map((operation): Effect => {
      return { type: 'send', to: others, message: encodeOperation(operation) }
    })
    return [...sends, { type: 'setTimer', timer: FORWARD, at: at + FORWARD_MS }]
  }

  /**
   * Every peer keeps a key for the next epoch on the ledger, whether or not it will be asked. One
   * whose present key is gone says so with it, which asks for the next epoch.
   */
  function registerKey(at: Millis): readonly Effect[] {
    if (init.wantsSeat === false) return []
    const { set, state } = chain
    const epoch = set.epoch + 1
    const seat = set.voters.find(({ peer }) => peer === me)
    const isLost = seat !== undefined && !holds(set.epoch, toHex(seat.voteKey))
    const matches = holds(epoch, state.keys.get(`${epoch} ${me}`))
    const isChanging = state.epoch === set.epoch && state.wanted !== undefined
    if (matches && (!isLost || isChanging)) return []
    const { publicKey } = host.key(voteKeyName(epoch))
    const verb = isLost ? 'lost' : 'key'
    // An older registration of ours may come after this one and undo it: then it is said again.
    let times = 0
    const name = () => `${verb}/${epoch}/${toHex(publicKey).slice(0, 16)}/${times}`
    while (state.ids.has(name())) times += 1
    const id = name()
    if (own.has(id)) return []
    return submit({ id, bytes: utf8(keyOperation(verb, me, epoch, publicKey)) }, at)
  }

  function holds(epoch: number, publicKey: string | undefined): boolean {
    const held = boot.keys.get(voteKeyName(epoch))
    return held !== undefined && toHex(held.publicKey) === publicKey
  }

  /** Nothing is signed with a key that the ledger does not know. */
  function permit(): void {
    for (const set of [chain.set, nextVotersOf(chain.state)]) {
      const seat = set?.voters.find(({ peer }) => peer === me)
      if (set && seat) host.permit(voteKeyName(set.epoch), seat.voteKey)
    }
  }

  function settle(from: number): void {
    const done = chain.state.ids
    permit()
    for (const id of [...pool.keys()]) {
      if (!done.has(id)) continue
      pool.delete(id)
      own.delete(id)
    }
    host.reply({ type: 'delivered', height: chain.height, nextSet: nextSetOf(chain.state) })
    host.reply({ type: 'pending', waiting: pool.size > 0 })
    if (chain.height < from) throw new Error('the log went backwards')
  }

  /** Appends entries one by one; a crash may come between any two of them. */
  function write(entries: readonly Uint8Array[]): void {
    const before = chain.height
    for (const entry of entries) chain.append(entry)
    entries.forEach((entry, at) => {
      const last = at === entries.length - 1
      host.append(entry, last ? () => settle(before) : undefined)
    })
  }

  permit()
  const machine: VoterMachine = {
    chain,
    view: () => core.peek(),
    start: (at) => [...step({ type: 'start', at }), ...registerKey(at)],
    handle(input) {
      switch (input.type) {
        case 'submit':
          return submit(input.operation, input.at)
        case 'barrier-asked':
          barriers += 1
          listener.asked(address, barriers)
          return step({ type: 'barrier', token: barriers, at: input.at })
        case 'epoch-entered':
          return registerKey(input.at)
        case 'delivered':
          return [...step(input), ...registerKey(input.at)]
        case 'message': {
          listener.received(address, input.from, input.bytes)
          const operation = parseOperation(input.bytes)
          return operation === undefined ? step(input) : take(operation, input.at)
        }
        case 'timer': {
          if (input.timer !== FORWARD) return step(input)
          const left = [...own].flatMap((id) => {
            const bytes = pool.get(id)
            return bytes === undefined ? [] : [{ id, bytes }]
          })
          return left.length > 0 ? forward(left, input.at) : []
        }
        default:
          return step(input)
      }
    },
    perform(effect) {
      switch (effect.type) {
        case 'build': {
          const { token, parent, position } = effect
          const { ids } = chain.execute(parent, [], position).state
          const operations = [...pool].filter(([id]) => !ids.has(id)).slice(0, 20)
          if (operations.length === 0) {
            host.reply({ type: 'built', token, block: undefined })
            return
          }
          const plain = operations.map(([id, bytes]) => ({ id, bytes }))
          const { state, payload } = chain.execute(parent, plain, position)
          built.set(token, state)
          const block = { payload, stateRoot: state.root, nextSet: nextSetOf(state) }
          host.reply({ type: 'built', token, block }, soon())
          return
        }
        case 'named': {
          const { id, parent, token } = effect
          const state = token === undefined ? chain.stateAfter(parent) : built.get(token)
          if (state === undefined)
            throw new Error('a block is named after a state that is not known')
          chain.name(id, state)
          if (token !== undefined) built.delete(token)
          return
        }
        case 'execute': {
          const { token, id, parent, position, payload, stateRoot } = effect
          const done = chain.execute(parent, payload, position, id)
          const before = chain.stateAfter(parent)!
          const ok =
            done.payload.every(({ refusal }, at) => refusal === payload[at]!.refusal) &&
            payload.every((operation) => !before.ids.has(operation.id)) &&
            new Set(payload.map((operation) => operation.id)).size === payload.length &&
            done.state.root.every((byte, at) => byte === stateRoot[at])
          host.reply({ type: 'executed', token, ok, nextSet: nextSetOf(done.state) }, soon())
          return
        }
        case 'deliver': {
          const { blocks, certified, certificate } = effect
          const entries = chain.prove(blocks, certified, certificate)
          write(entries)
          listener.delivered(address, chain, blocks)
          return
        }
        case 'adopt': {
          write(effect.entries)
          listener.delivered(address, chain, [])
          return
        }
        case 'serve': {
          const entries = chain.entries.slice(effect.from - 1, effect.from - 1 + MAX_SERVED)
          if (entries.length > 0) host.send([effect.to], entriesMessage(entries))
          return
        }
        case 'publish':
          host.send(others, effect.message)
          return
        case 'note':
          host.reply({ type: 'noted', token: effect.token })
          return
        case 'evidence':
          listener.evidence(address, effect.bytes)
          return
        case 'passed':
          listener.passed(address, effect.token, effect.height)
          return
        case 'epoch':
          host.note(`epoch ${effect.epoch}`)
          host.reply({ type: 'epoch-entered' })
          return
        case 'halt':
          listener.halted(address, `${effect.fault.code}: ${effect.fault.message}`)
      }
    },
  }
  return machine
}
