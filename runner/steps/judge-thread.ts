import { parentPort, workerData } from 'node:worker_threads'
import { type Judging, judge } from './judge-answers.ts'

// A thread that makes one judgement; `judgeAnswers` starts it.
const judging: Judging = workerData
parentPort?.postMessage(judge(judging))
