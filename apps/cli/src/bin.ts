#!/usr/bin/env node
import { start } from './io.ts'
import { quick } from './quick.ts'

void start(async (words, io) => {
  const text = await quick(words, io)
  if (text === undefined) return (await import('./main.ts')).main(words, io)
  try {
    io.out(text)
    return 0
  } catch (error) {
    return (await import('./main.ts')).failure(error, io)
  }
})
