/**
 * One engine as a peer uses it. Which one changes with the epochs: a founder alone, voters, or only
 * following those; each takes over the chain that the one before has released.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import {
  type Chain,
  createFollower,
  type Follower,
  type FollowerInit,
  followChain,
  type Receipt,
} from '@folkmoot/consensus'

/** What every engine shows of its log. */
export type LogView = Pick<
  Follower,
  'anchor' | 'entries' | 'entryAt' | 'epochLinks' | 'onFinal' | 'proveHistory' | 'status'
> &
  Partial<Pick<Follower, 'evidence'>>

export type EngineMode = 'alone' | 'following' | 'voting'

export interface Engine {
  readonly mode: EngineMode
  readonly log: LogView
  /** Makes an operation final. @throws FederationError `federation/not-leader` while following */
  submit(operation: Uint8Array, id: string): Promise<Receipt>
  /** Takes an entry that others decided, or proof that two histories were: it stops then. */
  accept(entry: Uint8Array): Promise<Verdict<{ height: number }>>
  /** Ends this engine and gives its chain to the next. */
  release(): Promise<Chain>
  close(): Promise<void>
}

export async function openFollowing(init: FollowerInit): Promise<Engine> {
  return following(await createFollower(init))
}

/** Follows on with a chain that was released. */
export function followOn(chain: Chain): Engine {
  return following(followChain(chain))
}

function following(follower: Follower): Engine {
  return {
    mode: 'following',
    log: follower,
    submit: async () => {
      throw new FederationError('federation/not-leader', 'this peer cannot make operations final')
    },
    accept: follower.accept,
    release: follower.release,
    close: async () => {
      await follower.release()
    },
  }
}
