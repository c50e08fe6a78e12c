import { npmTakesOptions } from '../../host/own-command.ts'
import type { CommandEntry } from '../command.ts'
import { runOptions } from '../run-options.ts'

/** The shells that `completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** Behind npm nobody writes "run" twice. */
const runUsage = npmTakesOptions ? 'NAME...' : 'run NAME...'

/** All commands, in the order of the help. */
export const commands = {
  list: {
    usage: '[list]',
    does: 'lists the labs',
    load: () => import('./list.ts'),
  },
  run: {
    usage: runUsage,
    does: 'runs labs; NAME is a name or a path, or NAME/variant',
    takes: 'labs',
    load: async () => ({ options: runOptions, command: (await import('./run.ts')).runCommand }),
  },
  show: {
    usage: 'show NAME',
    does: 'tells what a lab is made of, and the names of its steps',
    takes: 'labs',
    load: () => import('./show.ts'),
  },
  check: {
    usage: 'check NAME...',
    does: 'reads lab files and says what is wrong with them',
    takes: 'labs',
    load: () => import('./check.ts'),
  },
  mutate: {
    usage: 'mutate NAME...',
    does: 'makes each declared mistake, and sees that the lab notices',
    takes: 'labs',
    load: async () => ({ options: runOptions, command: (await import('./run.ts')).mutateCommand }),
  },
  new: {
    usage: 'new NAME',
    does: 'writes a small lab that runs, to begin with',
    load: () => import('./new.ts'),
  },
  import: {
    usage: 'import PATH [NAME]',
    does: "makes a lab of containerlab's or Kathará's topology",
    takes: 'files',
    load: () => import('./import.ts'),
  },
  setup: {
    usage: 'setup',
    does: 'prepares this host: packages, image, template',
    load: () => import('./setup.ts'),
  },
  doctor: {
    usage: 'doctor [NAME...]',
    does: 'says what this host can do and what it lacks',
    takes: 'labs',
    load: () => import('./doctor.ts'),
  },
  image: {
    usage: 'image build|list|update|save|load',
    takes: ['build', 'update', 'list', 'check', 'compare', 'save', 'load', 'remove', 'box'],
    load: () => import('./image.ts'),
  },
  shell: {
    usage: 'shell NAME [NODE]',
    does: 'brings a lab up and gives a shell in a node',
    takes: 'labs',
    load: () => import('./shell.ts'),
  },
  up: {
    usage: 'up NAME',
    does: 'brings a lab up and leaves it in your hands',
    takes: 'labs',
    load: () => import('./up.ts'),
  },
  do: {
    usage: 'do [NAME] [STEP]',
    does: 'does its next step, or all up to one',
    takes: 'labs',
    load: () => import('./do.ts'),
  },
  verify: {
    usage: 'verify [NAME] [STEP]',
    does: 'judges now what it claims, of what you typed too',
    takes: 'labs',
    load: () => import('./verify.ts'),
  },
  rewind: {
    usage: 'rewind [NAME] [STEP]',
    does: 'brings its machines back as a step left them',
    takes: 'labs',
    load: () => import('./rewind.ts'),
  },
  event: {
    usage: 'event [NAME] WORDS',
    does: 'cuts a cable, crashes a machine and the like',
    takes: 'labs',
    load: () => import('./event.ts'),
  },
  exec: {
    usage: 'exec [NAME] NODE -- COMMAND',
    does: 'runs a command on a node of it',
    load: () => import('./exec.ts'),
  },
  open: {
    usage: 'open RESULTS',
    does: 'brings machines back as a failed run saved them',
    takes: 'folders',
    load: () => import('./open.ts'),
  },
  inspect: {
    usage: 'inspect [NAME]',
    does: 'shows its nodes, cables and steps as they are',
    takes: 'labs',
    load: () => import('./inspect.ts'),
  },
  pcap: {
    usage: 'pcap [NAME] NODE:NIC',
    does: 'writes what passes there to the output, live',
    load: () => import('./pcap.ts'),
  },
  learn: {
    usage: 'learn NAME',
    does: 'leads you through a lab, step by step',
    takes: 'labs',
    load: () => import('./learn.ts'),
  },
  break: {
    usage: 'break NAME',
    does: 'brings a lab up with a mistake in it, for you to find and mend',
    takes: 'labs',
    load: () => import('./break.ts'),
  },
  hint: {
    usage: 'hint [NAME]',
    does: 'helps to find it',
    takes: 'labs',
    load: async () => ({ options: {}, command: (await import('./break.ts')).hintCommand }),
  },
  solution: {
    usage: 'solution [NAME]',
    does: 'tells what is wrong, and what mends it',
    takes: 'labs',
    load: async () => ({ options: {}, command: (await import('./break.ts')).solutionCommand }),
  },
  ps: {
    usage: 'ps',
    does: 'lists labs that are up, and machines that were kept',
    load: () => import('./ps.ts'),
  },
  down: {
    usage: 'down [NAME]',
    does: 'ends them, and removes what crashed runs left',
    takes: 'labs',
    load: () => import('./down.ts'),
  },
  report: {
    usage: 'report DIR',
    does: 'draws the reports of a results folder again',
    takes: 'folders',
    load: () => import('./report.ts'),
  },
  plan: {
    usage: 'plan NAME',
    does: "prints a lab's machines and cables as JSON, for the Vagrantfile",
    takes: 'labs',
    load: () => import('./plan.ts'),
  },
  graph: {
    usage: 'graph NAME',
    does: "draws a lab's topology: SVG, Mermaid or DOT",
    takes: 'labs',
    load: () => import('./graph.ts'),
  },
  handout: {
    usage: 'handout NAME',
    does: 'makes a workshop handout of the last run that passed',
    takes: 'labs',
    load: () => import('./handout.ts'),
  },
  course: {
    usage: 'course FILE',
    does: 'makes an index page of labs in order, with their handouts',
    takes: 'files',
    load: () => import('./course.ts'),
  },
  collect: {
    usage: 'collect DIR...',
    does: 'tells who of a class passed what',
    takes: 'folders',
    load: () => import('./collect.ts'),
  },
  history: {
    usage: 'history DIR...',
    does: 'tells how cases fared over several runs',
    takes: 'folders',
    load: () => import('./history.ts'),
  },
  compare: {
    usage: 'compare DIR DIR...',
    does: 'sets the verdicts of several runs side by side',
    takes: 'folders',
    load: () => import('./compare.ts'),
  },
  attach: {
    usage: 'attach DIR',
    does: 'follows a run that an engine does (--on)',
    takes: 'folders',
    load: () => import('./attach.ts'),
  },
  merge: {
    usage: 'merge DIR...',
    does: 'makes one results folder of several',
    takes: 'folders',
    load: () => import('./merge.ts'),
  },
  completion: {
    usage: 'completion SHELL',
    does: 'prints what completes command lines in bash, zsh or fish',
    takes: shells,
    load: () => import('./completion.ts'),
  },
} as const satisfies Record<string, CommandEntry>
