#!/usr/bin/env node
import { start } from './io.ts'
import { main } from './main.ts'

void start(main)
