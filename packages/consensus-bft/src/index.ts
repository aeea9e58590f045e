/**
 * Agreement when some members lie: three votes a view, certificates, epochs.
 *
 * @module
 */
export type {
  BftEffect,
  BftInput,
  BuiltBlock,
  Effect,
  FinalBlock,
  Input,
} from './core/effects.ts'
