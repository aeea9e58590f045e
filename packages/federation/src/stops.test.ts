import { expect, test } from 'vitest'
import { createStops } from './stops.ts'

test('parts stop in the reverse order, and one that fails keeps none of the others running', async () => {
  const stopped: string[] = []
  const stops = createStops()
  stops.add(() => stopped.push('store'))
  stops.add(() => {
    throw new Error('the disk is full')
  })
  stops.add(async () => stopped.push('transport'))

  await expect(stops.run()).rejects.toThrow('the disk is full')
  expect(stopped).toEqual(['transport', 'store'])
  await expect(stops.run()).rejects.toThrow('the disk is full')
  expect(stopped).toHaveLength(2)
})
