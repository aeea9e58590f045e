/**
 * All schedules, in the order of their seeds.
 *
 * @module
 */

import { falseOutcome, falseParent, falseReady, falseVoters } from './false-leader.ts'
import {
  finaliseAfterSkip,
  sendBeforeSync,
  skipAfterFinalise,
  voteAfterLoss,
} from './forgetting.ts'
import { finalWithoutBlocks, readBehind } from './left-behind.ts'
import type { Schedule } from './stage.ts'
import { halves, otherBlock, skipWithoutCertificate, twoBlocks } from './two-branches.ts'

export const schedules: readonly Schedule[] = [
  skipWithoutCertificate,
  finaliseAfterSkip,
  skipAfterFinalise,
  halves,
  twoBlocks,
  sendBeforeSync,
  otherBlock,
  finalWithoutBlocks,
  voteAfterLoss,
  readBehind,
  falseOutcome,
  falseParent,
  falseVoters,
  falseReady,
]
